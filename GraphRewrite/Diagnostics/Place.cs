namespace GraphRewrite.Diagnostics;

/// <summary>Where something was found, as far as it is known.</summary>
public sealed record Place
{
    /// <summary>The file or folder, as the user named it.</summary>
    public string? File { get; init; }

    /// <summary>The setting that is wrong or does not fit.</summary>
    public Setting? Setting { get; init; }

    /// <summary>What that setting was given.</summary>
    public string? Given { get; init; }

    /// <summary>The graph, where none of its nodes is the place.</summary>
    public string? Graph { get; init; }

    /// <summary>The node's name.</summary>
    public string? Node { get; init; }

    /// <summary>The node's operator: Conv, com.microsoft::ConvGrad.</summary>
    public string? Operator { get; init; }

    /// <summary>The opset that the operator is of.</summary>
    public long? Opset { get; init; }
}
