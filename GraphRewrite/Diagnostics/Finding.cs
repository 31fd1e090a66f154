namespace GraphRewrite.Diagnostics;

/// <summary>Something that the person with the model should know, in parts; <see cref="ErrorText"/> makes sentences of it.</summary>
/// <param name="Found">What was found.</param>
/// <param name="Remedy">What would work, as a sentence of its own.</param>
public sealed record Finding(Phrase Found, Phrase? Remedy = null)
{
    /// <summary>What was being done; null where nobody has said so.</summary>
    public Stage? Stage { get; init; }

    /// <summary>Where it was found, as far as that is known.</summary>
    public Place Place { get; init; } = new();

    /// <summary>What the system or another program said about it.</summary>
    public string? Detail { get; init; }

    /// <summary>The single findings that this one sums up.</summary>
    public IReadOnlyList<Finding> Inner { get; init; } = [];

    /// <summary>Whether each of <see cref="Inner"/> gets a line of its own.</summary>
    public bool InLines { get; init; }

    /// <summary>The finding in neutral words.</summary>
    public override string ToString() => ErrorText.Compose(this);
}
