using System.Runtime.InteropServices;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.Conv;

/// <summary>A weight W [O, C, k…] as its taps W_k [O, C], one for each position of the kernel, flat in row-major order.</summary>
/// <param name="shape">[O, C, k…]</param>
internal sealed class WeightTaps(IReadOnlyList<long> shape)
{
    /// <summary>Positions of the kernel.</summary>
    public int Count { get; } = (int)shape.Skip(2).Product();

    /// <summary>[O, C]</summary>
    public long[] Tap { get; } = [shape[0], shape[1]];

    /// <summary>W → W_k, in nodes.</summary>
    public Value[] Split(OpBuilder op, Value w)
    {
        if (Count == 1) return [op.Reshape(w, Tap)];
        if (ChannelsLast(w) is { } source) return op.Unstack(op.Reshape(source, Tap[0], Count, Tap[1]), 1, Count);
        Value flat = op.Transpose(op.Reshape(w, Tap[0] * Tap[1], Count), 1, 0);
        return op.Unstack(op.Reshape(flat, [Count, .. Tap]), 0, Count);
    }

    /// <summary>W_k → W, in nodes; what is null is zero.</summary>
    public Value Join(OpBuilder op, IReadOnlyList<Value?> taps)
    {
        Value zeros = op.Constant(Tensor.Filled(taps.OfType<Value>().First().Type.FloatIfUndefined(), [.. Tap, 1], 0));
        return op.Reshape(op.Concat(2, [.. taps.Select(tap => tap is null ? zeros : op.Unsqueeze(tap, 2))]), [.. shape]);
    }

    /// <summary>What <see cref="Split(OpBuilder, Value)"/> made of W, if nothing else reads W; null for a tap that nothing reads.</summary>
    public Value?[]? FindSplit(Value w)
    {
        Node? flat = Only(w, "Reshape"), transposed = Only(flat, "Transpose"), stacked = Only(transposed, "Reshape"), split = Only(stacked, "Split");
        if (split?.Outputs.Count != Count || !Has(flat!, Tap[0] * Tap[1], Count) || !Has(stacked!, [Count, .. Tap])) return null;
        if (transposed!.Ints("perm") is not [1, 0] || split.Int("axis", 0) != 0) return null;
        var taps = new Value?[Count];
        for (int k = 0; k < Count; k++)
        {
            if (split.Outputs[k] is not { IsUsed: true } part) continue;
            if (Only(part, "Squeeze")?.Out(0) is not { IsGraphOutput: false, Capturer: null } tap) return null;
            taps[k] = tap;
        }
        return taps;
    }

    /// <summary>What <see cref="Join(OpBuilder, IReadOnlyList{Value})"/> made W of; null for a tap of zeros.</summary>
    public Value?[]? FindJoin(Value w)
    {
        if (w.Producer is not { } reshape || reshape.Op != "Reshape" || reshape.In(0).Producer is not { } concat) return null;
        if (concat.Op != "Concat" || concat.Inputs.Count != Count || concat.Int("axis", 0) != 2 || !Has(concat, [.. Tap, Count])) return null;
        return concat.Inputs.All(part => part is { IsInitializer: true } or { Producer.Op.Type: "Unsqueeze" })
            ? [.. concat.Inputs.Select(part => part!.Producer?.In(0))] : null;
    }

    /// <summary>W → W_k, in numbers.</summary>
    public Tensor[] Split(Tensor w)
    {
        int size = w.Type.SizeOf();
        var taps = new Tensor[Count];
        for (int k = 0; k < Count; k++)
        {
            var tap = new byte[w.Data.Length / Count];
            Copy(size, w.Data.Span[(k * size)..], Count, tap, 1);
            taps[k] = new(w.Type, Tap, tap);
        }
        return taps;
    }

    /// <summary>W_k → W, in numbers.</summary>
    public Tensor Join(IReadOnlyList<Tensor> taps)
    {
        int size = taps[0].Type.SizeOf();
        var w = new byte[taps[0].Data.Length * Count];
        for (int k = 0; k < Count; k++) Copy(size, taps[k].Data.Span, 1, w.AsSpan(k * size), Count);
        return new(taps[0].Type, shape, w);
    }

    /// <summary>[O, k…, C], where W is made of that.</summary>
    private Value? ChannelsLast(Value w) => w.Producer is { } transpose && transpose.Op == "Transpose"
        && transpose.Ints("perm")?.SequenceEqual([0, shape.Count - 1, .. Axes.Range(1, shape.Count - 2)]) == true
        ? transpose.In(0) : null;

    private static bool Has(Node node, params long[] extents) =>
        node.Out(0).Shape is { IsStatic: true } known && known.Extents().SequenceEqual(extents);

    private static Node? Only(Node? node, string op) => node is null ? null : Only(node.Out(0), op);

    private static Node? Only(Value value, string op) =>
        value is { IsGraphOutput: false, Uses: [{ Index: 0, Node: var node }] } && node.Op == op ? node : null;

    /// <summary>Elements of so many bytes, one of every so many, to where there is room for one of every so many.</summary>
    private static void Copy(int size, ReadOnlySpan<byte> from, int fromStep, Span<byte> to, int toStep)
    {
        switch (size)
        {
            case 2: Copy<ushort>(from, fromStep, to, toStep); break;
            case 4: Copy<uint>(from, fromStep, to, toStep); break;
            case 8: Copy<ulong>(from, fromStep, to, toStep); break;
            default: throw new NotSupportedException($"A weight of elements of {size} bytes.");
        }
    }

    private static void Copy<T>(ReadOnlySpan<byte> from, int fromStep, Span<byte> to, int toStep)
        where T : unmanaged
    {
        ReadOnlySpan<T> source = MemoryMarshal.Cast<byte, T>(from);
        Span<T> target = MemoryMarshal.Cast<byte, T>(to);
        for (int i = 0, j = 0; i < source.Length && j < target.Length; i += fromStep, j += toStep) target[j] = source[i];
    }
}
