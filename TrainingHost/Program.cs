using TrainingHost.Commands;
using TrainingHost.Reporting;

Console.SetOut(new StandardOutput(Console.Out));
return CommandLine.Run(args, Console.Out, Console.Error);
