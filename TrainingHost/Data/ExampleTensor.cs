using GraphRewrite.IR;

namespace TrainingHost.Data;

/// <summary>What one example brings for one input, or as its label: element type (Float or Int64) and dimensions without the batch axis.</summary>
/// <param name="Name">The input's name.</param>
/// <param name="Type">Float or Int64.</param>
/// <param name="Dims">Dimensions of one example; none for a class index.</param>
/// <param name="Blank">The value of an empty pixel (black, after normalization): what padding is filled with.</param>
internal sealed record ExampleTensor(string Name, ElementType Type, IReadOnlyList<long> Dims, float Blank = 0)
{
    /// <summary>Elements of one example.</summary>
    public int Length => checked((int)Dims.Aggregate(1L, (product, dim) => checked(product * dim)));

    public override string ToString() => $"{Name} {Type}[{string.Join(", ", Dims)}]";
}
