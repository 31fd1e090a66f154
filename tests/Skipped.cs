using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using TrActOnnx.Tests.Peers;

namespace TrActOnnx.Tests;

/// <summary>
/// Tests that need what this machine lacks, and comparisons that a test cannot make. The runner names neither with the reason, so the reasons
/// close the run, each once.
/// </summary>
[TestClass]
public sealed class Skipped
{
    private static readonly ConcurrentDictionary<string, int> Reasons = new();
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Uncompared = new();

    /// <summary>Ends the running test as skipped.</summary>
    /// <param name="reason">What is missing and how to get it: "needs Node and …".</param>
    [DoesNotReturn]
    internal static void Because(string reason)
    {
        Reasons.AddOrUpdate(reason, 1, (_, count) => count + 1);
        Assert.Inconclusive($"skipped: {reason}");
    }

    /// <summary>Ends the running test as skipped where the genuine runtime is missing.</summary>
    internal static void UnlessOrtTrainingRuns()
    {
        if (!OrtTrainingNode.IsAvailable) Because("needs Node and `npm ci` in tools/ort-training-node");
    }

    /// <summary>A test goes on without one of its comparisons.</summary>
    /// <param name="what">Which: the case's name and more.</param>
    /// <param name="reason">Why it says nothing.</param>
    internal static void Comparison(string what, string reason) => Uncompared.GetOrAdd(reason, _ => []).Enqueue(what);

    /// <summary>The comparisons that were skipped so far for a reason.</summary>
    internal static IReadOnlyList<string> Comparisons(string reason) =>
        Uncompared.TryGetValue(reason, out ConcurrentQueue<string>? names) ? [.. names.Order(StringComparer.Ordinal)] : [];

    [AssemblyCleanup]
    public static void Report(TestContext context)
    {
        foreach ((string reason, int count) in Reasons.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            context.DisplayMessage(MessageLevel.Warning, $"{count} skipped: {reason}");
        foreach (string reason in Uncompared.Keys.Order(StringComparer.Ordinal))
        {
            IReadOnlyList<string> names = Comparisons(reason);
            context.DisplayMessage(MessageLevel.Warning, $"{names.Count} comparisons skipped: {reason}: {string.Join(", ", names)}");
        }
    }
}
