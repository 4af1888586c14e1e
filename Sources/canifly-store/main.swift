print("canifly-store")
