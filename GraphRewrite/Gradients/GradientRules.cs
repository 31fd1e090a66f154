using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>
/// The gradients of a node's inputs from dY, the gradient of its output 0: one entry per input, null for none.
/// The builder stands at the end of the graph.
/// The driver drops what nobody wants, adds up several uses, and sums to the operand's shape where <see cref="GradientRules.Broadcasting"/> says so.
/// </summary>
internal delegate IReadOnlyList<Value?> GradientRule(OpBuilder op, Node n, Value dY);

/// <summary>The same for operators whose gradient depends on several outputs: one dY per output, null where the loss does not depend on it.</summary>
internal delegate IReadOnlyList<Value?> SeveralOutputsGradientRule(OpBuilder op, Node n, IReadOnlyList<Value?> dY);

/// <summary>
/// THE table of gradients: operator (opset 21) → rule. X = n.In(0), Y = n.Out(0).
/// Where ONNX Runtime Training has a gradient operator the rule emits it: its formula stands in the lowering; standard operators elsewhere.
/// </summary>
internal static class GradientRules
{
    public static Dictionary<OpId, GradientRule> Table { get; } = new()
    {
        // Arithmetic.
        ["Add"] = (_, _, dY) => [dY, dY],
        ["Sub"] = (_, _, dY) => [dY, -dY],
        ["Mul"] = (_, n, dY) => [dY * n.In(1), dY * n.In(0)],
        ["Div"] = (_, n, dY) => [dY / n.In(1), -(dY * n.Out(0)) / n.In(1)],
        ["Pow"] = PowGradient.Build,
        ["Mod"] = (op, n, dY) => [dY, -(dY * op.Op("Round", [(n.In(0) - n.Out(0)) / n.In(1)]))], // with fmod=1: X = trunc(X / B) B + Y
        ["Sum"] = (_, n, dY) => [.. n.Inputs.Select(_ => dY)],
        ["Mean"] = (op, n, dY) => [.. n.Inputs.Select(_ => dY / op.ScalarLike(dY, n.Inputs.Count))],
        ["Max"] = ExtremumGradient.OfInputs,
        ["Min"] = ExtremumGradient.OfInputs,
        ["Where"] = (op, n, dY) => [null, op.Where(n.In(0), dY, op.ScalarLike(dY, 0)), op.Where(n.In(0), op.ScalarLike(dY, 0), dY)],
        ["Identity"] = (_, _, dY) => [dY],
        ["Cast"] = (op, n, dY) => [op.Cast(dY, n.In(0).Type)],
        ["CastLike"] = (op, n, dY) => [op.Op("CastLike", [dY, n.In(0)])],

        // Functions of one variable: dX = dY ⊙ f′(X).
        ["Neg"] = (_, _, dY) => [-dY],
        ["Abs"] = (op, n, dY) => [dY * op.Op("Sign", [n.In(0)])],
        ["Sqrt"] = (op, n, dY) => [dY / (n.Out(0) + n.Out(0))],
        ["Reciprocal"] = (_, n, dY) => [-(dY * n.Out(0) * n.Out(0))],
        ["Exp"] = (_, n, dY) => [dY * n.Out(0)],
        ["Log"] = (_, n, dY) => [dY / n.In(0)],
        ["Erf"] = (op, n, dY) => [dY * op.Exp(-(n.In(0) * n.In(0))) * op.ScalarLike(dY, 2 / Math.Sqrt(Math.PI))],
        ["Sin"] = (op, n, dY) => [dY * op.Op("Cos", [n.In(0)])],
        ["Cos"] = (op, n, dY) => [-(dY * op.Op("Sin", [n.In(0)]))],
        ["Tan"] = (op, n, dY) => [dY * ((n.Out(0) * n.Out(0)) + op.ScalarLike(dY, 1))],
        ["Asin"] = (op, n, dY) => [dY / op.Sqrt(op.ScalarLike(dY, 1) - (n.In(0) * n.In(0)))],
        ["Acos"] = (op, n, dY) => [-(dY / op.Sqrt(op.ScalarLike(dY, 1) - (n.In(0) * n.In(0))))],
        ["Atan"] = (op, n, dY) => [dY / ((n.In(0) * n.In(0)) + op.ScalarLike(dY, 1))],
        ["Sinh"] = (op, n, dY) => [dY * op.Op("Cosh", [n.In(0)])],
        ["Cosh"] = (op, n, dY) => [dY * op.Op("Sinh", [n.In(0)])],
        ["Asinh"] = (op, n, dY) => [dY / op.Sqrt((n.In(0) * n.In(0)) + op.ScalarLike(dY, 1))],
        ["Acosh"] = (op, n, dY) => [dY / op.Sqrt((n.In(0) * n.In(0)) - op.ScalarLike(dY, 1))],
        ["Atanh"] = (op, n, dY) => [dY / (op.ScalarLike(dY, 1) - (n.In(0) * n.In(0)))],

        // Activations.
        ["Relu"] = (op, n, dY) => [op.Op("com.microsoft::ReluGrad", [dY, n.Out(0)])],
        ["Sigmoid"] = (op, n, dY) => [op.Op("com.microsoft::SigmoidGrad", [dY, n.Out(0)])],
        ["Tanh"] = (op, n, dY) => [op.Op("com.microsoft::TanhGrad", [dY, n.Out(0)])],
        ["LeakyRelu"] = (op, n, dY) => [op.Op("com.microsoft::LeakyReluGrad", [dY, n.Out(0)], ("alpha", n.Float("alpha", 0.01f)))],
        ["Gelu"] = (op, n, dY) =>
            [op.Op(n.String("approximate", "none") == "tanh" ? "com.microsoft::FastGeluGrad" : "com.microsoft::GeluGrad", [dY, n.In(0)])],
        ["com.microsoft::Gelu"] = (op, n, dY) => [op.Op("com.microsoft::GeluGrad", [dY, n.In(0)])],
        ["com.microsoft::FastGelu"] = (op, n, dY) => ActivationGradient.FastGelu(op, n, dY),
        ["com.microsoft::BiasGelu"] = ActivationGradient.BiasGelu,
        ["com.microsoft::QuickGelu"] = (op, n, dY) => [op.Op("com.microsoft::QuickGeluGrad", [dY, n.In(0)], ("alpha", n.Float("alpha", 1.702f)))],
        ["Elu"] = ActivationGradient.Elu,
        ["Selu"] = ActivationGradient.Selu,
        ["Celu"] = ActivationGradient.Celu,
        ["PRelu"] = ActivationGradient.PRelu,
        ["ThresholdedRelu"] = ActivationGradient.ThresholdedRelu,
        ["Clip"] = ActivationGradient.Clip,
        ["HardSigmoid"] = ActivationGradient.HardSigmoid,
        ["HardSwish"] = ActivationGradient.HardSwish,
        ["Mish"] = ActivationGradient.Mish,
        ["Shrink"] = (op, n, dY) => [dY * op.Indicator(op.Compare("Greater", op.Op("Abs", [n.In(0)]), n.Float("lambd", 0.5f)), dY)],
        ["Softplus"] = (op, n, dY) => [dY * op.Sigmoid(n.In(0))],
        ["Softsign"] = ActivationGradient.Softsign,
        ["Softmax"] = (op, n, dY) => [op.Op("com.microsoft::SoftmaxGrad_13", [dY, n.Out(0)], ("axis", n.Int("axis", -1)))],
        ["LogSoftmax"] = (op, n, dY) => [op.Op("com.microsoft::LogSoftmaxGrad_13", [dY, n.Out(0)], ("axis", n.Int("axis", -1)))],
        ["Dropout"] = DropoutGradient.Build,

        // Products.
        ["MatMul"] = MatMulGradient.OfMatMul,
        ["Gemm"] = MatMulGradient.OfGemm,
        ["Einsum"] = EinsumGradient.Build,
        ["Det"] = MatMulGradient.OfDet,
        ["Conv"] = ConvGradient.OfConv,
        ["ConvTranspose"] = ConvGradient.OfConvTranspose,

        // Normalizations.
        ["BatchNormalization"] = NormalizationGradient.OfFrozenBatch,
        ["com.microsoft::BatchNormInternal"] = NormalizationGradient.OfBatch,
        ["LayerNormalization"] = NormalizationGradient.OfLayer,
        ["InstanceNormalization"] = NormalizationGradient.OfInstance,
        ["GroupNormalization"] = NormalizationGradient.OfGroup,
        ["LpNormalization"] = NormalizationGradient.Lp,
        ["LRN"] = NormalizationGradient.LocalResponse,

        ["MeanVarianceNormalization"] = NormalizationGradient.MeanVariance,

        // Pools.
        ["MaxPool"] = PoolGradient.OfMaxPool,
        ["AveragePool"] = PoolGradient.OfAveragePool,
        ["LpPool"] = PoolGradient.OfLpPool,
        ["GlobalAveragePool"] = PoolGradient.OfGlobalAveragePool,
        ["GlobalLpPool"] = PoolGradient.OfGlobalLpPool,
        ["MaxUnpool"] = WindowGradient.OfMaxUnpool,
        ["RoiAlign"] = RoiAlignGradient.Build,
        ["GlobalMaxPool"] = ExtremumGradient.OfGlobalMaxPool,

        // Reductions.
        ["ReduceSum"] = ReduceGradient.Sum,
        ["ReduceMean"] = ReduceGradient.Mean,
        ["ReduceMax"] = ExtremumGradient.OfReduce,
        ["ReduceMin"] = ExtremumGradient.OfReduce,
        ["ReduceProd"] = ReduceGradient.Prod,
        ["ReduceL1"] = (op, n, dY) => [ReduceGradient.Kept(op, n, dY) * op.Op("Sign", [n.In(0)])],
        ["ReduceL2"] = ReduceGradient.L2,
        ["ReduceLogSum"] = (op, n, dY) => [ReduceGradient.Expanded(op, n, dY / op.Exp(n.Out(0)))],
        ["ReduceLogSumExp"] = (op, n, dY) => [ReduceGradient.Kept(op, n, dY) * op.Exp(n.In(0) - ReduceGradient.Kept(op, n, n.Out(0)))],
        ["ReduceSumSquare"] = (op, n, dY) => [ReduceGradient.Kept(op, n, dY) * (n.In(0) + n.In(0))],
        ["CumSum"] = (op, n, dY) => [op.Op("CumSum", [dY, n.In(1)], ("exclusive", n.Int("exclusive", 0)), ("reverse", 1 - n.Int("reverse", 0)))],

        // Other axes over the same elements, or repeated.
        ["Reshape"] = (op, n, dY) => [op.ReshapeLike(dY, n.In(0))],
        ["Flatten"] = (op, n, dY) => [op.ReshapeLike(dY, n.In(0))],
        ["Squeeze"] = (op, n, dY) => [n.InOrNull(1) is { } axes ? op.Op("Unsqueeze", [dY, axes]) : op.ReshapeLike(dY, n.In(0))],
        ["Unsqueeze"] = (op, n, dY) => [op.Op("Squeeze", [dY, n.In(1)])],
        ["Transpose"] = AxesGradient.OfTranspose,
        ["Expand"] = (_, _, dY) => [dY],
        ["Tile"] = AxesGradient.OfTile,
        ["DepthToSpace"] = AxesGradient.OfDepthToSpace,
        ["SpaceToDepth"] = (op, n, dY) => [op.Op("DepthToSpace", [dY], ("blocksize", n.Int("blocksize", 1)), ("mode", "DCR"))],
        ["Resize"] = ResizeGradient.Build,
        ["Col2Im"] = WindowGradient.OfCol2Im,
        ["ReverseSequence"] = (op, n, dY) => [op.Op("ReverseSequence", [dY, n.In(1)], n.Copy())], // its own inverse
        ["Trilu"] = (op, n, dY) => [op.Op("Trilu", [dY, n.InOrNull(1)], ("upper", n.Int("upper", 1)))],

        // Parts and joins.
        ["Concat"] = JoinGradient.OfConcat,
        ["Slice"] = SliceGradient.OfSlice,
        ["Pad"] = SliceGradient.OfPad,
        ["Gather"] = (op, n, dY) => [op.Op("com.microsoft::GatherGrad", [op.Shape(n.In(0)), n.In(1), dY], ("axis", n.Int("axis", 0)))],
        ["GatherElements"] = (op, n, dY) => [op.ScatterAdd(n.In(0), n.In(1), dY, n.Int("axis", 0))],
        ["GatherND"] = ScatterGradient.OfGatherND,
        ["ScatterElements"] = ScatterGradient.OfScatterElements,
        ["ScatterND"] = ScatterGradient.OfScatterND,
        ["TopK"] = (op, n, dY) => [op.ScatterAdd(n.In(0), n.Out(1), dY, n.Int("axis", -1))],

        // Losses.
        ["SoftmaxCrossEntropyLoss"] = CrossEntropyGradient.Build,
    };

    public static Dictionary<OpId, SeveralOutputsGradientRule> SeveralOutputs { get; } = new()
    {
        ["Split"] = JoinGradient.OfSplit,
    };

    /// <summary>Operators whose operands are broadcast: their gradients are summed to the operands' shapes.</summary>
    public static HashSet<OpId> Broadcasting { get; } =
        ["Add", "Sub", "Mul", "Div", "Pow", "Mod", "Sum", "Mean", "Max", "Min", "Where", "PRelu", "Expand"];

    /// <summary>Inputs of floating type that no gradient flows into, on purpose: bounds, ratios, running statistics, scales, fill values.</summary>
    public static Dictionary<OpId, int[]> StopInputs { get; } = new()
    {
        ["CastLike"] = [1],
        ["Clip"] = [1, 2],
        ["Dropout"] = [1],
        ["com.microsoft::BatchNormInternal"] = [3, 4],
        ["Resize"] = [1, 2],
        ["Pad"] = [2],
        ["RoiAlign"] = [1],
        ["SoftmaxCrossEntropyLoss"] = [2],
    };

    /// <summary>
    /// Operators without a gradient, on purpose: integers, conditions, shapes, random numbers, and functions that are constant between steps.
    /// </summary>
    public static HashSet<OpId> NoGradient { get; } =
    [
        "Shape", "Size", "Range", "Constant", "ConstantOfShape", "EyeLike", "OneHot", "NonZero", "ArgMax", "ArgMin",
        "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor", "Not", "IsNaN", "IsInf",
        "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor",
        "Floor", "Ceil", "Round", "Sign", "Hardmax",
        "RandomUniform", "RandomUniformLike", "RandomNormal", "RandomNormalLike", "Bernoulli", "Multinomial",
    ];

    private static readonly Phrase Recurrent =
        $"a recurrent layer is unrolled for its gradient where the number of steps is fixed (at most 1024) or given ({Setting.Length}), "
        + $"the activations are Sigmoid, Tanh or Relu, and no sequence lengths, clip or peepholes are given; export it so";

    private const string Unrolled =
        "a loop has a gradient where its body runs a number of times that follows from the shapes (at most 1024), without a condition of its own; "
        + "export it so";

    private const string Quantized = "quantized models have no gradient; train the float model, quantize it afterwards";

    /// <summary>Operators that are refused on a differentiable path, and what to do instead.</summary>
    public static Dictionary<OpId, Phrase> Refused { get; } = new()
    {
        ["If"] = "branches that depend on data have no gradient here; export with the branch fixed",
        ["Loop"] = Unrolled,
        ["Scan"] = Unrolled,
        ["LSTM"] = Recurrent,
        ["GRU"] = Recurrent,
        ["RNN"] = Recurrent,
        ["QuantizeLinear"] = Quantized,
        ["DequantizeLinear"] = Quantized,
        ["DynamicQuantizeLinear"] = Quantized,
    };

    public static bool IsStop(OpId op, int input) => StopInputs.TryGetValue(op, out int[]? stops) && stops.Contains(input);
}
