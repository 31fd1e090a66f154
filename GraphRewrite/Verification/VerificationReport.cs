using System.Text;

namespace GraphRewrite.Verification;

/// <summary>One claim of the proof, and what speaks against it.</summary>
/// <param name="Claim">What is claimed.</param>
/// <param name="Differences">Where it does not hold; empty: it holds.</param>
/// <param name="Measured">What was counted or measured.</param>
public sealed record VerificationCheck(string Claim, IReadOnlyList<string> Differences, string Measured = "")
{
    /// <summary>The limit that kept the claim from being tried; null: it was tried.</summary>
    public string? Limit { get; init; }

    /// <summary>Whether it was tried and nothing speaks against it.</summary>
    public bool Holds => Differences.Count == 0 && Limit is null;
}

/// <summary>The proof that a rewrite changed one thing only: its claims, each with its outcome.</summary>
public sealed record VerificationReport(IReadOnlyList<VerificationCheck> Checks)
{
    /// <summary>More lines than this about one claim tell nothing new.</summary>
    private const int Listed = 20;

    /// <summary>Whether every claim holds. A report without claims proves nothing.</summary>
    public bool Holds => Checks.Count > 0 && Checks.All(check => check.Holds);

    /// <summary>Whether nothing speaks against any claim, but a limit kept some from being tried: neither proved nor refuted.</summary>
    public bool IsUndecided => !Holds && Checks.Count > 0 && Checks.All(check => check.Differences.Count == 0);

    /// <summary>The last line of the report where all holds, and where it does not.</summary>
    internal (string Holds, string Fails) Verdicts { get; init; } = ("Proved: nothing but the rewritten weight gradients changed.", "Not proved.");

    /// <summary>The verdict in a line.</summary>
    public string Verdict => Holds ? Verdicts.Holds : IsUndecided ? "Not decided: a limit was reached." : Verdicts.Fails;

    /// <summary>What speaks against any of the claims.</summary>
    public IEnumerable<string> Differences => Checks.SelectMany(check => check.Differences);

    /// <summary>The claims of both, in order.</summary>
    public static VerificationReport operator +(VerificationReport a, VerificationReport b) =>
        new([.. a.Checks, .. b.Checks]) { Verdicts = a.Verdicts };

    /// <summary>The claims of both, in order: what + does, for languages without operators.</summary>
    public static VerificationReport Add(VerificationReport left, VerificationReport right) => left + right;

    /// <summary>The report for people: a line a claim, at most 20 differences under each, the verdict last.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (VerificationCheck check in Checks)
        {
            string measured = check.Measured.Length > 0 ? $" ({check.Measured})" : "";
            text.Append(check.Holds ? "holds  " : check.Limit is null ? "FAILS  " : "LIMIT  ").Append(check.Claim).Append(measured).Append('\n');
            if (check.Limit is { } limit) text.Append("       - ").Append(limit).Append('\n');
            foreach (string difference in check.Differences.Take(Listed)) text.Append("       - ").Append(difference).Append('\n');
            if (check.Differences.Count > Listed) text.Append("       - and ").Append(check.Differences.Count - Listed).Append(" more\n");
        }
        return text.Append(Verdict).ToString();
    }
}
