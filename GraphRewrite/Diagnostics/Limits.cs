using System.Globalization;

namespace GraphRewrite.Diagnostics;

/// <summary>
/// What a model may ask for at most: a file of a kilobyte can describe a graph of millions of nodes. Each is a setting that a program makes by
/// <see cref="AppContext.SetData"/> under <see cref="KeyOf"/> (docs/limits.md).
/// </summary>
public static class Limits
{
    /// <summary>Nodes of a graph after functions are inlined and recurrent layers unrolled, subgraphs included (250,000).</summary>
    public static long Nodes => Read(Setting.MaxNodes, 250_000);

    /// <summary>Bytes of all tensors that a model stores, or declares as parameters without values (16 GiB).</summary>
    public static long ConstantBytes => Read(Setting.MaxConstantBytes, 16L << 30);

    /// <summary>How deep functions and subgraphs may stand in each other (64).</summary>
    public static long Nesting => Read(Setting.MaxNesting, 64);

    /// <summary>The key of a limit for <see cref="AppContext.SetData"/>; the value is a number of at least 1, or its digits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The setting is no limit.</exception>
    public static string KeyOf(Setting limit) => limit is Setting.MaxNodes or Setting.MaxConstantBytes or Setting.MaxNesting
        ? $"GraphRewrite.{limit}" : throw new ArgumentOutOfRangeException(nameof(limit), limit, null);

    /// <summary>What is over a limit, and how to go on.</summary>
    /// <param name="limit">Which.</param>
    /// <param name="found">What there is of it, as a clause: "the graph has 300,000 nodes".</param>
    internal static Finding Exceeded(Setting limit, Phrase found)
    {
        long allowed = limit switch { Setting.MaxNodes => Nodes, Setting.MaxConstantBytes => ConstantBytes, _ => Nesting };
        return new($"{found}, above the limit of {allowed:N0}", $"If the model is to be trusted, set {limit} higher");
    }

    private static long Read(Setting limit, long otherwise)
    {
        object? given = AppContext.GetData(KeyOf(limit));
        return given is null or "" ? otherwise
            : long.TryParse(Convert.ToString(given, CultureInfo.InvariantCulture), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                && number > 0 ? number
            : throw new GraphRewriteException(new Finding("is no limit", "A number of at least 1 was expected")
            {
                Place = new() { Setting = limit, Given = given.ToString() },
            });
    }
}
