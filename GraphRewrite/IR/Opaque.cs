namespace GraphRewrite.IR;

/// <summary>What a file holds and the graph does not model: carried along from reader to writer, and compared by its contents.</summary>
internal abstract class Opaque
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }

    /// <summary>All of it but the name that it is stored under.</summary>
    public abstract ReadOnlyMemory<byte> Contents { get; }

    public bool SameAs(Opaque other) => Contents.Span.SequenceEqual(other.Contents.Span);
}
