using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization.Protos;
using GraphRewrite.TrAct;

namespace TrActOnnx.Tests.Verification;

/// <summary>A change to a rewritten training graph, and what the proof must say about it.</summary>
internal sealed record PlantedFault(string Name, string Case, Action<Model> Plant, params string[] Says)
{
    public TrActForm Form { get; init; } = TrActForm.Automatic;

    /// <summary>Faults outside the new subgraph, or in what it reads.</summary>
    public static IReadOnlyList<PlantedFault> Structural { get; } =
    [
        new("another node's attribute", "lenet", m => At(m, "/conv2/Conv").SetAttribute("dilations", new long[] { 2, 2 }),
            "node '/conv2/Conv' (Conv, opset 17)", "attribute dilations=[1,1] in BEFORE, dilations=[2,2] in AFTER"),
        new("an attribute of the first layer's own gradient", "groupdil", m => At(m, "/conv1/Conv_Grad/ConvGrad_0").SetAttribute("group", 1),
            "'/conv1/Conv_Grad/ConvGrad_0'", "attribute group=2 in BEFORE, group=1 in AFTER"),
        new("a default written out", "lenet", m => At(m, "/fc1/Gemm").SetAttribute("note", 0), "node '/fc1/Gemm'", "AFTER adds the attribute note=0"),
        new("an attribute taken away", "lenet", m => At(m, "/conv2/Conv").RemoveAttribute("pads"), "'/conv2/Conv'", "attribute pads="),
        new("an initializer", "seqmlp", m => SetFirst(m, "/ReduceMean_Grad/axes_values", 2L),
            "initializer '/ReduceMean_Grad/axes_values'", "in BEFORE, 2 in AFTER"),
        new("the loss's own gradient", "lenet", m => SetFirst(m, "onnx::loss::2_grad", 2f),
            "initializer 'onnx::loss::2_grad'", "element 0 is 1 in BEFORE, 2 in AFTER"),
        new("a renamed output", "mlp", m => m.Graph.Rename(m.Graph.Outputs[0], "loss"), "graph output 0 is '", "renamed 'loss' in AFTER"),
        new("a removed output", "lenet", m => RemoveOutput(m, "fc2.bias_grad.accumulation.out"),
            "graph output 'fc2.bias_grad.accumulation.out' is missing in AFTER"),
        new("outputs in another order", "lenet", MoveFirstOutputToTheEnd, "another order"),
        new("a renamed input", "lenet", m => m.Graph.Rename(m.Graph.Get("conv2.bias"), "bias"),
            "renamed 'bias' in AFTER", "BEFORE reads the graph input 'conv2.bias', AFTER the graph input 'bias'"),
        new("an input's shape", "lenet", m => m.Graph.Get("input").Shape = Shape.Of(4, 1, 28, 28),
            "graph input 'input' is input: Float[batch, 1, 28, 28] in BEFORE, input: Float[4, 1, 28, 28] in AFTER"),
        new("λ in the graph", "lenet", m => SetFirst(m, "tract.lambda", 0.2f), "the initializer 'tract.lambda' is 0.2", "the metadata records 0.1"),
        new("λ in the metadata", "lenet", m => m.SetMetadata("tract.lambda", "0.3"), "the metadata records 0.3"),
        new("λ gone", "lenet", m => m.Metadata.Remove("tract.lambda"), "AFTER has no metadata 'tract.lambda'"),
        new("another layer recorded", "lenet", m => m.SetMetadata("tract.layers", "/conv2/Conv"),
            "layer '/conv2/Conv': AFTER still has the plain gradient 'conv2.weight_grad'", "the gradient of 'conv1.weight' depends on λ"),
        new("a layer recorded that is none", "lenet", m => m.SetMetadata("tract.layers", "/conv9/Conv"),
            "BEFORE has no Conv, Gemm or MatMul of that name"),
        new("an extra gradient touched", "resnet18_w8", m => Scale(m, Gradient(m, "fc.weight"), m.Graph.Get("tract.lambda")),
            "output 'fc.weight_grad.accumulation.out'", "AFTER has the additional node 'fault/Mul'",
            "the gradient of 'fc.weight' depends on λ in AFTER"),
        new("an additional node on another gradient", "siamese", m => Scale(m, Gradient(m, "out.bias"), null),
            "output 'out.bias_grad.accumulation.out'", "AFTER has the additional node 'fault/Mul' (Mul, opset 17) behind BEFORE's 'out.bias_grad'"),
        new("a scaled loss", "lenet", m => ScaleBefore(m, "onnx::SoftmaxCrossEntropyLoss::", 0), "AFTER has the additional node 'fault/Mul'"),
        new("ReluGrad's inputs swapped", "lenet", m => Swap(m.Graph.Nodes.First(n => n.Op.Type == "ReluGrad")),
            "com.microsoft::ReluGrad", "inputs in another order"),
        new("a quotient's inputs swapped", "seqmlp", m => Swap(At(m, "/ReduceMean_Grad/Div_4")), "node '/ReduceMean_Grad/Div_4' (Div, opset 17)",
            "inputs in another order, ('/ReduceMean_Grad/Sized_X', '/ReduceMean_Grad/Sized_Grad') in BEFORE"),
        new("a Transpose taken out", "seqmlp", m => Bypass(m, "/l2/Transpose_Grad/Transpose_0"),
            "made by node '/l2/Transpose_Grad/Transpose_0' (Transpose, opset 17)) in BEFORE; AFTER reads '/l2/Transpose_output_0_grad'"),
        new("a skip connection rewired", "resnet18_w8",
            m => Rewire(m.Graph.Nodes.First(n => n.Op.Type == "Add")), "(Add, opset", "BEFORE; AFTER reads '"),
        new("a parameter frozen", "lenet", m => Freeze(m, "fc1.bias"), "graph output 'fc1.bias_grad.accumulation.out' is missing in AFTER",
            "graph input 'fc1.bias_grad.accumulation.buffer' is missing in AFTER"),
        new("two gradients exchanged", "lenet", m => ExchangeAccumulated(m, "fc1.weight", "fc2.weight"),
            "output 'fc1.weight_grad.accumulation.out'", "AFTER reads 'fc2.weight_grad'"),
        new("another opset", "lenet", m => m.Graph.Opsets[""] = 18, "opset import ai.onnx is 17 in BEFORE, 18 in AFTER"),
        new("another opset of a domain", "lenet", m => m.Graph.Opsets["ai.onnx.ml"] = 3, "opset import ai.onnx.ml is 5 in BEFORE, 3 in AFTER"),
        new("another IR version", "lenet", m => m.IrVersion = 9, "IR version 8 in BEFORE, 9 in AFTER"),
        new("foreign metadata", "lenet", m => m.SetMetadata("note", "x"), "AFTER adds the metadata 'note'"),
        new("an unused node more", "lenet",
            m => m.Graph.AddNode("Relu", "stray", [m.Graph.Get("input")]).SetOutput(0, m.Graph.NewValue("stray")), "AFTER has the node 'stray'"),
        new("an unused initializer more", "lenet", m => m.Graph.AddInitializer("stray", Tensor.Scalar(1f)),
            "AFTER has the unused initializer 'stray'"),
        new("an operator exchanged", "lenet_tanh", m => Exchange(m, m.Graph.Nodes.First(n => n.Op.Type == "Tanh"), "Sigmoid"),
            "is made by node", "(Tanh, opset", "(Sigmoid, opset"),
        new("one use of a shared weight left plain", "siamese", m => Replace(m, "enc.0.weight_grad_0", "enc.0.weight_grad_0.plain"),
            "layer '/enc/enc.0_1/Gemm': AFTER still has the plain gradient 'enc.0.weight_grad_0.plain'"),
        new("the new gradients of two uses exchanged", "siamese", m => Swap(At(m, "AccumulateGrad_enc.0.weight_grad")),
            "the new subgraph reads '", "gradient 'enc.0.weight_grad_0' of layer '/enc/enc.0_1/Gemm'"),
        new("the Gram matrix of another value", "lenet", m => At(m, "/conv1/Conv_TrAct/PatchGram/Reshape").SetInput(0, m.Graph.Get("/Relu_output_0")),
            "gradient 'conv1.weight_grad' of layer '/conv1/Conv': the new subgraph reads '/Relu_output_0'"),
        new("a parameter in the new subgraph", "lenet", m => At(m, "/conv1/Conv_TrAct/Mul").SetInput(1, m.Graph.Get("fc1.bias")),
            "the new subgraph reads 'fc1.bias'"),
        new("the plain gradient of another layer", "lenet", m => At(m, "/conv1/Conv_TrAct/Reshape").SetInput(0, m.Graph.Get("conv2.weight_grad")),
            "the new subgraph reads 'conv2.weight_grad', BEFORE's 'conv2.weight_grad', which is neither"),
        new("the bias gradient rewritten in the dual form", "mlp", m => Scale(m, Gradient(m, "hidden.0.bias"), null),
            "output 'hidden.0.bias_grad.accumulation.out'") { Form = TrActForm.Dual },
    ];

    /// <summary>Faults in the new subgraph that no batch shows which is tried: only its structure tells.</summary>
    public static IReadOnlyList<PlantedFault> Hidden { get; } =
    [
        new("the gradient times 1 + relu(b − 30 · 784)", "lenet", m => ScaleWhereLarge(m, "/conv1/Conv_TrAct/SolveSpd_output", 30 * 784),
            "layer '/conv1/Conv': it is not the closed form as the rewrite writes it (primal form)", "(Mul, opset 17) stands where it has"),
        new("the Gram matrix divided by the batch size instead of b", "lenet", m => ScaleInput(m, At(m, "/conv1/Conv_TrAct/Div"), 1, 1 / 576f),
            "layer '/conv1/Conv': it is not the closed form as the rewrite writes it (primal form)", "(Mul, opset 17) stands where it has"),
        new("the gradient clipped to ±1000", "lenet", m => Clip(m, At(m, "/conv1/Conv_TrAct/SolveSpd/Gemm"), 1000),
            "layer '/conv1/Conv': it is not the closed form as the rewrite writes it (primal form)", "Clip"),
        new("another limit for float32", "lenet", m => SetFirst(m, "/conv1/Conv_TrAct/const_6", 1e9f),
            "the constant '/conv1/Conv_TrAct/const_6' differs"),
        new("probes that see nothing of one feature", "lenet", m => SetFirst(m, "/conv1/Conv_TrAct/const_4", 0f),
            "the constant '/conv1/Conv_TrAct/const_4' differs"),
        new("a branch exchanged for the other", "mlp", m => ExchangeBranches(At(m, "/hidden.0/Gemm_TrAct/If_1")), "the then_branch of node"),
        new("λ in float64's branch", "vit_linear", m => SetInBranch(m, ElementType.Double), "the else_branch of node"),
        new("an attribute given twice", "lenet", m => Double(At(m, "/conv2/Conv"), "group"), "gives the attribute group 2 times"),
        new("a tract.* metadata of its own", "lenet", m => m.SetMetadata("tract.note", "x"), "AFTER adds the metadata 'tract.note'"),
        new("a wrong value_info", "lenet", m => Declare(m.Graph.Get("/conv1/Conv_TrAct/Div_output")), "AFTER declares '/conv1/Conv_TrAct/Div_output"),
        new("a wrong value_info outside", "lenet", m => Declare(m.Graph.Get("/Relu_output_0")), "/Relu_output_0"),
    ];

    /// <summary>Faults in what the new subgraph computes.</summary>
    public static IReadOnlyList<PlantedFault> Numerical { get; } =
    [
        new("the Gram matrix divided by twice b", "siamese", m => ScaleInput(m, At(m, "/enc/enc.0_1/Gemm_TrAct/Div"), 1, 2),
            "the new gradient 'enc.0.weight_grad_0' of layer '/enc/enc.0_1/Gemm' deviates by"),
        new("Conv groups swapped in the Gram matrix", "groupdil", m => SwapGroups(m, At(m, "/conv1/Conv_TrAct/SolveSpd/Inverse")),
            "the new gradient 'conv1.weight_grad' of layer '/conv1/Conv' deviates by"),
        new("λ twice", "vit_conv", m => ScaleLambda(m, 2), "the new gradient '", "deviates by"),
        new("a missing Transpose before the Gram matrix", "lenet", m => Bypass(m, "/conv1/Conv_TrAct/PatchGram/Transpose"),
            "the new gradient 'conv1.weight_grad' of layer '/conv1/Conv' deviates by"),
        new("taps in another order", "resnet18_w8",
            m => At(m, "/conv1/Conv_TrAct/SolveSpd/Gemm").SetInput(1, Reversed(m, At(m, "/conv1/Conv_TrAct/SolveSpd/Gemm"))),
            "the new gradient 'conv1.weight_grad'"),
        new("X in place of a view of it that does not fit", "seqmlp",
            m => At(m, "/l1/MatMul_TrAct/PatchGram/Gemm").SetInput(1, At(m, "/l1/MatMul").In(0)),
            "AFTER does not run: "),
        new("not inverted", "seqmlp", m => Bypass(m, "/l1/MatMul_TrAct/SolveSpd/Inverse"),
            "the new gradient '/l1/Transpose_output_0_grad' of layer '/l1/MatMul' deviates by"),
    ];

    private static Node At(Model model, string name) => model.Graph.Nodes.Single(node => node.Name == name);

    private static Value Gradient(Model model, string parameter) => model.Graph.Get($"{parameter}_grad.accumulation.out").Producer!.In(1);

    private static void SetFirst<T>(Model model, string initializer, T element)
        where T : unmanaged
    {
        Value value = model.Graph.Get(initializer);
        T[] elements = value.Initializer!.Span<T>().ToArray();
        elements[0] = element;
        model.Graph.SetInitializer(value, Tensor.Of(value.Initializer.Dims, elements));
    }

    private static void Swap(Node node)
    {
        (Value first, Value second) = (node.In(0), node.In(1));
        node.SetInput(0, second);
        node.SetInput(1, first);
    }

    private static void ScaleWhereLarge(Model model, string gradient, float rows)
    {
        Node maker = model.Graph.Get(gradient).Producer!;
        Node next = model.Graph.Nodes.SkipWhile(node => node != maker).Skip(1).First();
        using OpBuilder op = model.Graph.BuildBefore(next, "fault");
        Value b = model.Graph.Get("/conv1/Conv_TrAct/PatchGram_output_1");
        Value made = model.Graph.NewValue($"{gradient}.right");
        maker.SetOutput(0, made);
        Value excess = op.Op("Relu", [b - op.Constant(Tensor.Scalar(rows))]);
        model.Graph.Redefine(model.Graph.Get(gradient), made * (excess + op.Constant(Tensor.Scalar(1f))));
    }

    private static void Clip(Model model, Node maker, float limit)
    {
        Value gradient = maker.Out(0), made = model.Graph.NewValue("unclipped");
        using OpBuilder op = model.Graph.BuildBefore(model.Graph.Nodes.SkipWhile(node => node != maker).Skip(1).First(), "fault");
        maker.SetOutput(0, made);
        model.Graph.Redefine(gradient, op.Op("Clip", [made, op.Constant(Tensor.Scalar(-limit)), op.Constant(Tensor.Scalar(limit))]));
    }

    private static void ExchangeBranches(Node choice)
    {
        NodeAttribute[] branches = [.. choice.Attributes];
        choice.SetAttribute("then_branch", branches[1].Value!);
        choice.SetAttribute("else_branch", branches[0].Value!);
    }

    private static void SetInBranch(Model model, ElementType type)
    {
        Graph[] branches = [.. model.Graph.Nodes.SelectMany(node => node.Subgraphs)];
        Value stored = branches.SelectMany(branch => branch.Initializers).Last(value => value.Type == type);
        stored.Graph.SetInitializer(stored, Tensor.Scalar(0.5));
    }

    private static void Double(Node node, string attribute) => node.Add(node.Attributes.Single(given => given.Name == attribute));

    /// <summary>As Float[7].</summary>
    private static void Declare(Value value)
    {
        var seven = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimValue = 7 } } };
        value.DeclaredType = new TypeProto { TensorType = new() { ElemType = (int)ElementType.Float, Shape = seven } };
    }

    private static void Replace(Model model, string value, string by) => model.Graph.Get(value).ReplaceAllUsesWith(model.Graph.Get(by));

    private static void Bypass(Model model, string node)
    {
        Node bypassed = At(model, node);
        bypassed.Out(0).ReplaceAllUsesWith(bypassed.In(0));
        model.Graph.Remove(bypassed);
    }

    private static void Rewire(Node node) => node.SetInput(1, node.In(0));

    private static void Exchange(Model model, Node node, OpId other)
    {
        using OpBuilder op = model.Graph.BuildBefore(node, "fault");
        node.Out(0).ReplaceAllUsesWith(op.Op(other, [node.In(0)]));
        model.Graph.Remove(node);
    }

    /// <summary>Multiplies a value, for all that use it.</summary>
    private static void Scale(Model model, Value value, Value? factor)
    {
        Use[] uses = [.. value.Uses];
        using OpBuilder op = model.Graph.BuildBefore(uses[0].Node, "fault");
        Value scaled = op.Op("Mul", [value, factor ?? op.Constant(Tensor.Scalar(2f))]);
        foreach (Use use in uses) use.Node.SetInput(use.Index, scaled);
    }

    private static void ScaleInput(Model model, Node node, int input, float factor)
    {
        using OpBuilder op = model.Graph.BuildBefore(node, "fault");
        Value scaled = node.In(input);
        node.SetInput(input, op.Op("Mul", [scaled, Like(op, scaled, factor)]));
    }

    /// <summary>A factor of the type that small systems (double) or large ones (float) are computed in.</summary>
    private static Value Like(OpBuilder op, Value value, float factor) =>
        value.Producer is { Op.Type: "Cast" } cast && cast.Int("to", 1) == (long)ElementType.Double
            ? op.Constant(Tensor.Scalar((double)factor)) : op.Constant(Tensor.Scalar(factor));

    private static void ScaleBefore(Model model, string node, int input)
    {
        Node loss = model.Graph.Nodes.First(n => n.Name.StartsWith(node, StringComparison.Ordinal));
        ScaleInput(model, loss, input, 2);
    }

    private static void ScaleLambda(Model model, float factor)
    {
        Value lambda = model.Graph.Get("tract.lambda");
        foreach (Use use in lambda.Uses.Where(use => use.Index >= 0).ToArray()) ScaleInput(model, use.Node, use.Index, factor);
    }

    private static void SwapGroups(Model model, Node inverse)
    {
        using OpBuilder op = model.Graph.BuildBefore(inverse, "fault");
        inverse.SetInput(0, op.Op("Gather", [inverse.In(0), op.Ints(1, 0)], ("axis", 0)));
    }

    private static Value Reversed(Model model, Node solve)
    {
        using OpBuilder op = model.Graph.BuildBefore(solve, "fault");
        return op.Gather(solve.In(1), op.Ints([.. Enumerable.Range(0, 27).Select(i => 26L - i)]));
    }

    private static void RemoveOutput(Model model, string output) => model.Graph.UnmarkOutput(model.Graph.Get(output));

    private static void MoveFirstOutputToTheEnd(Model model)
    {
        Value first = model.Graph.Outputs[0];
        model.Graph.UnmarkOutput(first);
        model.Graph.MarkOutput(first);
    }

    private static void Freeze(Model model, string parameter)
    {
        Value output = model.Graph.Get($"{parameter}_grad.accumulation.out");
        model.Graph.UnmarkOutput(output);
        model.Graph.Remove(output.Producer!);
        model.Graph.Remove(model.Graph.Get($"{parameter}_grad.accumulation.buffer"));
    }

    private static void ExchangeAccumulated(Model model, string a, string b)
    {
        (Node first, Node second) = (
            model.Graph.Get($"{a}_grad.accumulation.out").Producer!, model.Graph.Get($"{b}_grad.accumulation.out").Producer!);
        (Value one, Value two) = (first.In(1), second.In(1));
        first.SetInput(1, two);
        second.SetInput(1, one);
    }
}
