internal import CanIFlyStore

let completionsCommand = CommandDefinition(
    name: "completions", effect: .none,
    arguments: [ArgumentDefinition("SHELL", .choice(["bash", "zsh", "fish"]))],
    summary: "Print the completions for a shell",
    description: [
        "Commands, options and their values complete, documents and the numbers of transactions "
            + "too: those are asked from the store as you type."
    ],
    examples: [
        CommandExample(
            "canifly-store completions bash > ~/.local/share/bash-completion/completions/canifly-store",
            "For bash."),
        CommandExample(
            "canifly-store completions zsh > ~/.zfunc/_canifly-store",
            "For zsh; ~/.zfunc must be in $fpath."),
        CommandExample(
            "canifly-store completions fish > ~/.config/fish/completions/canifly-store.fish",
            "For fish."),
    ],
    outputIsData: true,
    run: { context throws(StoreError) in
        let shell = try context.arguments.positional(0, "SHELL")
        switch shell {
        case "zsh": return TextReport(text: zshCompletions(of: context.table))
        case "fish": return TextReport(text: fishCompletions(of: context.table))
        default: return TextReport(text: bashCompletions(of: context.table))
        }
    })
