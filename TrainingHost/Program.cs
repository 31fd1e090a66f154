using TrainingHost.Commands;

return CommandLine.Run(args, Console.Out, Console.Error);
