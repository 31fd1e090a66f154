using GraphRewrite.IR;

namespace TrainingHost.Data;

/// <summary>What one example brings for one input, or as its label: element type (Float or Int64) and dimensions without the batch axis.</summary>
/// <param name="Name">The input's name.</param>
/// <param name="Type">Float or Int64.</param>
/// <param name="Dims">Dimensions of one example; none for a class index.</param>
/// <param name="IsDistribution">Whether, as labels, it holds what part of the example is of each class.</param>
internal sealed record ExampleTensor(string Name, ElementType Type, IReadOnlyList<long> Dims, bool IsDistribution = false)
{
    /// <summary>Elements of one example.</summary>
    public int Length => checked((int)Dims.Aggregate(1L, (product, dim) => checked(product * dim)));

    public override string ToString() => $"{Name} {Type}[{string.Join(", ", Dims)}]";
}
