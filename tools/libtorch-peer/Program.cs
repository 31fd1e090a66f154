using System.Diagnostics;
using System.Globalization;
using LibtorchPeer;
using static TorchSharp.torch;

const int Done = 0, BadUsage = 2;

if (args.Length is < 2 or > 3) return Refuse("usage: peer MODEL BATCH [MOMENTUM]");
if (PeerModel.Find(args[0]) is not { } model) return Refuse($"MODEL {args[0]}: there are {string.Join(", ", PeerModel.Names)}.");
if (!int.TryParse(args[1], CultureInfo.InvariantCulture, out int batchSize) || batchSize < 1)
    return Refuse($"BATCH {args[1]}: must be a whole number, at least 1.");
double momentum = 0;
if (args.Length == 3 && !(double.TryParse(args[2], CultureInfo.InvariantCulture, out momentum) && momentum is >= 0 and < 1))
    return Refuse($"MOMENTUM {args[2]}: must be a number, at least 0 and below 1.");
if (momentum > 0 && !model.TrainsWithSgd) return Refuse($"MOMENTUM {args[2]}: {args[0]} trains with AdamW, which has none.");

random.manual_seed(0);
var step = new TrainingStep(model, batchSize, momentum);
while (Console.ReadLine() is not null)
{
    long start = Stopwatch.GetTimestamp();
    step.Run();
    Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalMilliseconds.ToString("F3", CultureInfo.InvariantCulture));
}
return Done;

static int Refuse(string message)
{
    Console.Error.WriteLine(message);
    return BadUsage;
}
