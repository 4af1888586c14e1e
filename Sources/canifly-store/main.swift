import StoreCommands

runProgram()
