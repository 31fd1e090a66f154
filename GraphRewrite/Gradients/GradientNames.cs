namespace GraphRewrite.Gradients;

/// <summary>
/// How ONNX Runtime Training names a parameter's gradient P_grad, and the buffer that the gradients of several batches are summed in.
/// </summary>
public static class GradientNames
{
    /// <summary>What is appended to a value's name.</summary>
    public const string Suffix = "_grad";

    /// <summary>What is appended to a parameter's name for its accumulation buffer, a graph input.</summary>
    internal const string BufferSuffix = Suffix + ".accumulation.buffer";

    /// <summary>The graph input, bool [1], that empties all buffers.</summary>
    internal const string Reset = "lazy_reset_grad";

    /// <summary>The gradient of a parameter or any other value.</summary>
    public static string Of(string value) => value + Suffix;

    /// <summary>The accumulation buffer of a parameter.</summary>
    internal static string Buffer(string parameter) => parameter + BufferSuffix;

    /// <summary>The output, bool [1], of the node that adds a gradient to its buffer.</summary>
    internal static string Accumulated(string parameter) => $"{parameter}{Suffix}.accumulation.out";

    /// <summary>Whether a value's name is that of a gradient.</summary>
    internal static bool IsGradient(string name) => name.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Whether a graph input's name is that of an accumulation buffer.</summary>
    internal static bool IsBuffer(string name) => name.EndsWith(BufferSuffix, StringComparison.Ordinal);

    /// <summary>The parameter that a gradient or a buffer belongs to; the name itself where it is neither's.</summary>
    internal static string ParameterOf(string name) =>
        IsBuffer(name) ? name[..^BufferSuffix.Length] : IsGradient(name) ? name[..^Suffix.Length] : name;
}
