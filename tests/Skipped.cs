using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace TrActOnnx.Tests;

/// <summary>Tests that need what this machine lacks. The runner names them without the reason, so the reasons close the run, each once.</summary>
[TestClass]
public sealed class Skipped
{
    private static readonly ConcurrentDictionary<string, int> Reasons = new();

    /// <summary>Ends the running test as skipped.</summary>
    /// <param name="reason">What is missing and how to get it: "needs Node and …".</param>
    [DoesNotReturn]
    internal static void Because(string reason)
    {
        Reasons.AddOrUpdate(reason, 1, (_, count) => count + 1);
        Assert.Inconclusive($"skipped: {reason}");
    }

    [AssemblyCleanup]
    public static void Report(TestContext context)
    {
        foreach ((string reason, int count) in Reasons.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            context.DisplayMessage(MessageLevel.Warning, $"{count} skipped: {reason}");
    }
}
