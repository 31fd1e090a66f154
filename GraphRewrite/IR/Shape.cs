using System.Collections;

namespace GraphRewrite.IR;

/// <summary>The dimensions of a value whose rank is known. Unknown rank is a null <see cref="Shape"/>.</summary>
public sealed class Shape(IReadOnlyList<Dim> dims) : IReadOnlyList<Dim>, IEquatable<Shape>
{
    private readonly Dim[] dims = [.. dims];

    /// <summary>No axes: one element.</summary>
    public static Shape Scalar { get; } = new([]);

    /// <summary>The number of axes.</summary>
    public int Rank => dims.Length;

    /// <summary>The number of axes, as <see cref="Rank"/>.</summary>
    public int Count => dims.Length;

    /// <summary>A dimension; negative indices count from the end.</summary>
    public Dim this[int axis] => dims[axis < 0 ? axis + dims.Length : axis];

    /// <summary>Whether every extent is known.</summary>
    public bool IsStatic => dims.All(dim => dim.IsKnown);

    /// <summary>The product of all dimensions.</summary>
    public Dim Size => dims.Aggregate((Dim)1, (product, dim) => product * dim);

    /// <summary>A shape of dimensions, known and symbolic: Shape.Of(Dim.Symbol("batch"), 784).</summary>
    public static Shape Of(params Dim[] dims) => new(dims);

    /// <summary>A shape of known extents.</summary>
    public static Shape From(IEnumerable<long> extents) => new([.. extents.Select(extent => (Dim)extent)]);

    /// <summary>All extents.</summary>
    /// <exception cref="InvalidOperationException">One of them is symbolic.</exception>
    public long[] Extents() => Array.ConvertAll(dims, dim => dim.Value);

    /// <summary>The shape with one dimension replaced.</summary>
    public Shape With(int axis, Dim dim)
    {
        Dim[] changed = [.. dims];
        changed[axis < 0 ? axis + dims.Length : axis] = dim;
        return new(changed);
    }

    /// <summary>A non-negative axis.</summary>
    public int Axis(long axis) => checked((int)(axis < 0 ? axis + dims.Length : axis));

    /// <summary>Whether all dimensions are equal, symbols by name.</summary>
    public bool Equals(Shape? other) => other is not null && dims.SequenceEqual(other.dims);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode() => dims.Aggregate(dims.Length, HashCode.Combine);

    /// <summary>The dimensions, outermost first.</summary>
    public IEnumerator<Dim> GetEnumerator() => ((IEnumerable<Dim>)dims).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>"[batch, 784]".</summary>
    public override string ToString() => $"[{string.Join(", ", dims)}]";
}
