using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Optimizers;

/// <summary>
/// Parameters that are updated together: a large one alone, small ones end to end in one value,
/// for a dozen nodes each would cost more than their arithmetic.
/// Vectors and scalars are packed as [n], matrices and tensors as [1, n], so that a rule by rank (weight decay) still holds.
/// </summary>
internal sealed class PackedParameters
{
    /// <summary>No more elements than this are packed.</summary>
    public const long SmallElements = 16384;

    /// <summary>The most that are packed together: ONNX Runtime opens a Concat or Split in a time that grows with the square of its parts.</summary>
    private const int MostMembers = 256;

    private readonly OpBuilder op;

    private PackedParameters(OpBuilder op, Value[] members)
    {
        this.op = op;
        Members = members;
    }

    /// <summary>The parameters, in order.</summary>
    public IReadOnlyList<Value> Members { get; }

    /// <summary>
    /// A large weight [O, C, 1…]: ONNX Runtime multiplies it by a scalar element by element where the last axes have one position, ten times as slow.
    /// </summary>
    private bool IsPointwise => Members is [{ Shape: { IsStatic: true, Rank: > 2 } shape }] && shape.Extents().Skip(2).All(extent => extent == 1);

    private bool AreMatrices => Members[0].Shape is { Rank: > 1 };

    public static IEnumerable<PackedParameters> Of(OpBuilder op, IReadOnlyList<Value> parameters)
    {
        ILookup<bool, Value> bySize = parameters.ToLookup(IsSmall);
        return bySize[true].GroupBy(p => (p.Shape!.Rank > 1, p.Type)).SelectMany(group => group.Chunk(MostMembers))
            .Select(members => new PackedParameters(op, members))
            .Concat(bySize[false].Select(p => new PackedParameters(op, [p])));
    }

    /// <summary>What belongs to the members (they themselves, their gradients, a moment) as one value.</summary>
    public Value Pack(IReadOnlyList<Value> values)
    {
        if (values.Count == 1) return IsPointwise ? op.Reshape(values[0], [.. Members[0].Shape!.Extents().Take(2)]) : values[0];
        long[] shape = AreMatrices ? [1, -1] : [-1];
        return op.Concat(shape.Length - 1, [.. values.Select((value, i) => Members[i].Shape!.Rank == 1 ? value : op.Reshape(value, shape))]);
    }

    /// <summary>The parts of a packed value in the members' shapes.</summary>
    public IReadOnlyList<Value> Unpack(Value packed)
    {
        if (Members.Count == 1) return [IsPointwise ? op.Reshape(packed, Members[0].Shape!.Extents()) : packed];
        Value[] parts = op.Split(packed, AreMatrices ? 1 : 0, [.. Members.Select(member => member.Shape!.Size.Value)]);
        return [.. parts.Select((part, i) => Members[i].Shape!.Rank == 1 ? part : op.Reshape(part, Members[i].Shape!.Extents()))];
    }

    private static bool IsSmall(Value p) => p.Shape is { IsStatic: true } shape && shape.Size.Value is > 0 and <= SmallElements;
}
