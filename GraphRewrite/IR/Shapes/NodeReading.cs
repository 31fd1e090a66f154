using System.Diagnostics.CodeAnalysis;

namespace GraphRewrite.IR.Shapes;

/// <summary>How rules read what opsets moved from attributes to inputs, and contents that are only partly known.</summary>
internal static class NodeReading
{
    /// <summary>
    /// Integers given as an attribute (older opsets) or an input (newer ones): null where the node has neither.
    /// False where an input gives them whose contents are not known.
    /// </summary>
    public static bool TryInts(this Node node, string attribute, int input, out long[]? integers)
    {
        integers = node.Ints(attribute);
        if (integers is not null || node.InOrNull(input) is not { } value) return true;
        return value.TryElements(out integers);
    }

    /// <summary>The contents, where all are known.</summary>
    public static bool TryElements(this Value value, [NotNullWhen(true)] out long[]? integers)
    {
        integers = value.Elements.KnownExtents();
        return integers is not null;
    }

    /// <summary>The contents of a vector; unknown elements where only its length is known; null where not even that is.</summary>
    public static IReadOnlyList<Dim>? Contents(this Value vector) =>
        vector.Elements ?? (vector.Shape is { Rank: 1 } shape && shape[0].IsKnown ? Unknowns(shape[0].Value) : null);

    public static IReadOnlyList<Dim> Unknowns(long count) => [.. Enumerable.Repeat(Dim.Unknown, checked((int)count))];

    /// <summary>The single element of a scalar or one-element vector; unknown where it is not known or absent.</summary>
    public static Dim Single(this Value? value) => value?.Elements is [var element] ? element : Dim.Unknown;

    /// <summary>Non-negative axes of a shape.</summary>
    public static int[] Axes(this Shape shape, long[] axes) => Array.ConvertAll(axes, shape.Axis);
}
