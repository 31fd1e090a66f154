using GraphRewrite.IR;

namespace GraphRewrite.Passes.Contracts;

/// <summary>Whether conditions hold of a graph, with all that offends against them.</summary>
internal static class GraphVerifier
{
    /// <summary>Those of the conditions, and of <see cref="Conditions.Always"/>, that do not hold.</summary>
    public static IReadOnlyList<Violation> Violations(Graph graph, IEnumerable<Condition> conditions) =>
    [
        .. Conditions.Always.Union(conditions)
            .Select(condition => new Violation(condition, [.. condition.Offenders(graph)]))
            .Where(violation => violation.Offenders.Count > 0),
    ];

    /// <summary>Throws what is made of the violations, if there are any.</summary>
    public static void Verify(Graph graph, IEnumerable<Condition> conditions, Func<IReadOnlyList<Violation>, PassContractException> failure)
    {
        IReadOnlyList<Violation> violations = Violations(graph, conditions);
        if (violations.Count > 0) throw failure(violations);
    }
}

/// <summary>A condition that does not hold, and of what.</summary>
internal sealed record Violation(Condition Condition, IReadOnlyList<string> Offenders)
{
    private const int Shown = 20;

    public override string ToString()
    {
        string rest = Offenders.Count > Shown ? $"; and {Offenders.Count - Shown} more" : "";
        return $"{Condition.Name} ({Condition.Meaning}): {string.Join("; ", Offenders.Take(Shown))}{rest}";
    }
}
