using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Randomness;

namespace GraphRewrite.Forward;

/// <summary>
/// Values for parameters that an export left out, as PyTorch's modules begin with:
/// weights of Conv, ConvTranspose and Linear, and their biases, U(−1/√fan_in, 1/√fan_in) (kaiming_uniform with a = √5);
/// scales of normalizations and running variances 1, their biases and running means 0; embeddings N(0, 1); PReLU 0.25;
/// other parameters (class tokens, positions) N(0, 0.02²), as timm does.
/// What a parameter is, is read off the node that uses it.
/// </summary>
internal static class ParameterInitialization
{
    private const double TokenDeviation = 0.02;
    private const double PReluSlope = 0.25;
    private const long Stream = 3;

    /// <param name="forward">The forward graph, with inferred shapes.</param>
    /// <param name="parameters">The names, in the model's order.</param>
    /// <param name="seed">The same seed gives the same values.</param>
    /// <exception cref="GraphRewriteException">They would not fit into memory, or into the limit for constants.</exception>
    public static IReadOnlyDictionary<string, Tensor> For(Graph forward, IReadOnlyList<string> parameters, int seed)
    {
        RefuseTooLarge([.. parameters.Select(forward.Get)]);
        return parameters.Index().ToDictionary(pair => pair.Item, pair => Draw(forward.Get(pair.Item), Pcg32.For(seed, Stream, pair.Index)));
    }

    /// <summary>A declaration costs nothing, the values that are drawn for it do.</summary>
    private static void RefuseTooLarge(IReadOnlyList<Value> parameters)
    {
        Int128 bytes = 0;
        foreach (Value parameter in parameters)
        {
            Int128 size = parameter.Shape!.Extents().Aggregate((Int128)sizeof(float), (product, dim) => product * dim);
            if (size > Array.MaxLength)
            {
                Phrase found = $"the parameter {parameter}, without values, has more bytes than one tensor may ({Array.MaxLength:N0})";
                throw new GraphRewriteException(new Finding(found));
            }
            bytes += size;
        }
        if (bytes > Limits.ConstantBytes)
            throw new GraphRewriteException(Limits.Exceeded(Setting.MaxConstantBytes, $"its parameters without values have {bytes:N0} bytes"));
    }

    private static Tensor Draw(Value parameter, Pcg32 random)
    {
        Distribution role = RoleOf(parameter);
        long[] dims = parameter.Shape!.Extents();
        var values = new float[parameter.Shape.Size.Value];
        for (int i = 0; i < values.Length; i++)
        {
            double uniform = (2.0 * random.NextSingle()) - 1;
            double normal = role.Deviation == 0 ? 0 : random.NextNormal();
            values[i] = (float)(role.Center + (role.Bound * uniform) + (role.Deviation * normal));
        }
        return Tensor.Of(dims, values);
    }

    /// <summary>By the first use that says what the parameter is, through operators that only move its numbers.</summary>
    private static Distribution RoleOf(Value parameter)
    {
        var open = new Queue<Value>([parameter]);
        while (open.TryDequeue(out Value? value))
        {
            foreach (Use use in value.Uses)
            {
                if (RoleAt(use) is { } role) return role;
                if (use.Index == 0 && (Walk.IsView(use.Node) || use.Node.Op == "Expand")) open.Enqueue(use.Node.Out(0));
            }
        }
        return Normal(TokenDeviation);
    }

    private static Distribution? RoleAt(Use use) => (use.Node.Op.Type, use.Index) switch
    {
        ("Conv" or "ConvTranspose" or "Gemm" or "MatMul", 1 or 2) => Uniform(FanIn(use.Node)),
        ("BatchNormalization" or "LayerNormalization" or "InstanceNormalization" or "GroupNormalization", 1 or 4) => Constant(1),
        ("BatchNormalization" or "LayerNormalization" or "InstanceNormalization" or "GroupNormalization", 2 or 3) => Constant(0),
        ("RMSNormalization", 1) => Constant(1),
        ("Add", _) when Product(use) is { } product => Uniform(FanIn(product)),
        ("Add", _) when use.Node.In(use.Index).Shape is { Rank: 1 } => Constant(0),
        ("Mul", _) when use.Node.In(use.Index).Shape is { Rank: 1 } => Constant(1),
        ("Gather", 0) => Normal(1),
        ("PRelu", 1) => Constant(PReluSlope),
        _ => null,
    };

    /// <summary>The MatMul whose product a bias vector is added to.</summary>
    private static Node? Product(Use use) =>
        use.Node.In(use.Index).Shape is { Rank: 1 } && use.Node.In(1 - use.Index).Producer is { Op.Type: "MatMul" } product ? product : null;

    /// <summary>Inputs that one output is a sum over, from the weight as it enters the node.</summary>
    private static long FanIn(Node node)
    {
        if (node.In(1).Shape is not { Rank: > 0, IsStatic: true } weight)
            throw node.Refuse($"the shape of its weight '{node.In(1).Name}' is not known");
        long fanIn = node.Op.Type switch
        {
            "Gemm" => weight[node.Int("transB", 0) != 0 ? weight.Rank - 1 : 0].Value,
            "MatMul" => weight[Math.Max(0, weight.Rank - 2)].Value,
            _ => new Shape([.. weight.Skip(1)]).Size.Value,
        };
        return Math.Max(1, fanIn);
    }

    private static Distribution Uniform(long fanIn) => new(0, 1 / Math.Sqrt(fanIn), 0);

    private static Distribution Normal(double deviation) => new(0, 0, deviation);

    private static Distribution Constant(double value) => new(value, 0, 0);

    /// <summary>Center + uniform in ± bound + normal with a standard deviation.</summary>
    private readonly record struct Distribution(double Center, double Bound, double Deviation);
}
