using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace TrainingHost.Data;

/// <summary>
/// Makes an example the shape that a model's input asks for, the first of these that holds:
/// the same dimensions, or the same but for ones (28 x 28 for 1 x 28 x 28): as it is;
/// an image [c, h, w] for [C, H, W] with c = C or c = 1: channels repeated, padded with black where the model's image is larger by up to a
/// quarter on each axis, else resized bilinearly;
/// the same number of elements: reshaped.
/// Symbolic extents of the model (apart from the batch) take the example's.
/// </summary>
internal sealed class InputFit
{
    private readonly ImageResize? resize;

    private InputFit(IReadOnlyList<long> dims, string description, ImageResize? resize = null)
    {
        Dims = dims;
        Description = description;
        this.resize = resize;
    }

    /// <summary>Dimensions of a fitted example.</summary>
    public IReadOnlyList<long> Dims { get; }

    /// <summary>One sentence: what is done to an example.</summary>
    public string Description { get; }

    /// <param name="input">The model input's name.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its shape, batch axis first.</param>
    /// <param name="example">What the data brings.</param>
    /// <exception cref="GraphRewriteException">The example cannot be made to fit.</exception>
    public static InputFit To(string input, ElementType type, Shape shape, ExampleTensor example)
    {
        IReadOnlyList<long> from = example.Dims;
        string place = $"Input '{input}' {type}{shape}";
        string found = $"The data's examples are [{string.Join(", ", from)}]";
        if (!type.IsFloating())
            throw new GraphRewriteException($"{place}: takes {type}, the data brings pixels. Train this model with --data synthetic.");
        if (shape.Rank < 2) throw new GraphRewriteException($"{place}: has no axis but the batch. {found}.");

        long[] to = Bind([.. shape.Skip(1)], from);
        if (to.SequenceEqual(from)) return new(to, $"{found} as '{input}' takes them.");
        if (WithoutOnes(to).SequenceEqual(WithoutOnes(from))) return Reshaped();
        if (to.Length == 3 && from.Count == 3 && to[1] > 1 && to[2] > 1 && (to[0] == from[0] || from[0] == 1))
        {
            var resize = new ImageResize(from, to);
            return new(to, $"{found}: {resize.Description} to fit '{input}' [{string.Join(", ", to)}].", resize);
        }
        if (Product(to) == Product(from)) return Reshaped();
        throw new GraphRewriteException(
            $"{place}: {found[..1].ToLowerInvariant()}{found[1..]}, which neither resizing nor reshaping fits to it. "
            + "Give other data (--data), or --data synthetic.");

        InputFit Reshaped() => new(to, $"{found}: reshaped to fit '{input}' [{string.Join(", ", to)}].");
    }

    /// <param name="example">A row of the data.</param>
    /// <param name="fitted">A row of the model's input.</param>
    /// <param name="blank">The value of black.</param>
    public void Apply(ReadOnlySpan<float> example, Span<float> fitted, float blank)
    {
        if (resize is null) example.CopyTo(fitted);
        else resize.Apply(example, fitted, blank);
    }

    /// <summary>Symbolic extents: the example's on the same axis where the ranks agree; a single one: whatever is left of the elements.</summary>
    private static long[] Bind(Dim[] dims, IReadOnlyList<long> example)
    {
        if (dims.Length == example.Count) return [.. dims.Select((dim, axis) => dim.IsKnown ? dim.Value : example[axis])];
        long known = dims.Where(dim => dim.IsKnown).Aggregate(1L, (product, dim) => product * dim.Value);
        long left = dims.Count(dim => !dim.IsKnown) == 1 && known > 0 && Product(example) % known == 0 ? Product(example) / known : 1;
        return [.. dims.Select(dim => dim.IsKnown ? dim.Value : left)];
    }

    private static IEnumerable<long> WithoutOnes(IEnumerable<long> dims) => dims.Where(dim => dim != 1);

    private static long Product(IEnumerable<long> dims) => dims.Aggregate(1L, (product, dim) => product * dim);
}
