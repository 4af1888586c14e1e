"""The documents that are measured, the same each time: indented JSON as applications write it, with
numbers, texts, accents and lists."""

import json
import random

SEED = 20261101
DOCUMENTS_IN_A_FOLDER = 250


def document(chance, size):
    """About `size` bytes."""
    entries, length = [], 0
    while length < size:
        entry = {
            "id": chance.randrange(10**18),
            "name": "".join(chance.choice("abcdefghijklmnop ") for _ in range(24)),
            "levels": [chance.randrange(10**6) for _ in range(8)],
            "active": chance.random() < 0.5,
            "rate": round(chance.random() * 100, 4),
            "note": "Überfahrt – déjà vu",
        }
        entries.append(entry)
        length += len(json.dumps(entry, indent=2, ensure_ascii=False).encode()) + 60
    return entries


def encoded(number, entries):
    value = {"number": number, "kind": "benchmark", "tags": [], "entries": entries}
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def make_documents(folder, count, size):
    """`count` documents of about `size` bytes in subfolders; returns their bytes together."""
    chance = random.Random(SEED)
    samples = [document(chance, size) for _ in range(min(count, 40))]
    total = 0
    for number in range(count):
        if number % DOCUMENTS_IN_A_FOLDER == 0:
            subfolder = folder / f"{number // DOCUMENTS_IN_A_FOLDER:03}"
            subfolder.mkdir(parents=True)
        data = encoded(number, samples[number % len(samples)])
        (subfolder / f"{number % DOCUMENTS_IN_A_FOLDER:03}.json").write_bytes(data)
        total += len(data)
    return total


def make_large(path, size):
    """One document of about `size` bytes."""
    chance = random.Random(SEED)
    pieces = [encoded(number, document(chance, 60_000)) for number in range(16)]
    length = 0
    with open(path, "wb") as file:
        file.write(b'{"list": [\n')
        while length < size:
            if length:
                file.write(b",\n")
            piece = pieces[(length >> 16) % len(pieces)]
            file.write(piece)
            length += len(piece)
        file.write(b"]}\n")


def make_accounts(path, count):
    """CanIFly's accounts.json with as many accounts, two characters each."""
    chance = random.Random(SEED)
    accounts = [{
        "Name": f"Account {number}", "Status": "Alpha", "ID": number, "Visible": True,
        "Characters": [{
            "Token": {
                "access_token": f"{chance.getrandbits(512):x}", "token_type": "Bearer",
                "refresh_token": f"{chance.getrandbits(128):x}",
                "expiry": "2026-11-01T12:00:00.123456789Z"},
            "Character": {
                "CharacterID": 90000000 + 2 * number + which,
                "CharacterName": f"Pilot {number}-{which}", "ExpiresOn": "2026-11-01T12:00:00",
                "CharacterSkillsResponse": {"total_sp": chance.randrange(10**8), "skills": []}},
            "Role": "", "MCT": False, "Training": ""} for which in range(2)],
    } for number in range(count)]
    path.write_text(json.dumps(accounts, indent=2))
