using System.Diagnostics;
using TrActOnnx.Tests.Fuzz;

namespace Fuzz;

/// <summary>A process that does mutations of one target, one after the other, and ends itself where one does not end.</summary>
internal static class Child
{
    public const int Hung = 3;

    /// <summary>Seconds of the processor, or of the clock where it waits, that one mutation may take.</summary>
    private const int Busy = 5, Waiting = 60;

    public static int Run(FuzzTarget target, int seed, long from, long to, string progressFile)
    {
        using var progress = new Progress(progressFile);
        var run = new FuzzRun(target, seed);
        run.One(-1); // what is made once for all mutations
        progress.Current = from;
        new Thread(() => Watch(progress)) { IsBackground = true }.Start();
        for (long number = from; number < to; number++)
        {
            progress.Current = number;
            (Outcome outcome, string where) = run.One(number);
            progress[(int)outcome]++;
            if (outcome == Outcome.Stray) Console.WriteLine($"{number}\t{where}");
        }
        progress.Current = to;
        return 0;
    }

    private static void Watch(Progress progress)
    {
        (long at, TimeSpan busy, long began) = (-1, default, 0);
        while (true)
        {
            TimeSpan now = Process.GetCurrentProcess().TotalProcessorTime;
            if (progress.Current != at) (at, busy, began) = (progress.Current, now, Environment.TickCount64);
            if ((now - busy).TotalSeconds > Busy || Environment.TickCount64 - began > Waiting * 1000) Environment.Exit(Hung);
            Thread.Sleep(200);
        }
    }
}
