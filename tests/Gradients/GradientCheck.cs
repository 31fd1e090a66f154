using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.NormalForm;
using GraphRewrite.Opsets;
using GraphRewrite.Passes;
using GraphRewrite.Serialization;
using Microsoft.ML.OnnxRuntime;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Gradients;

/// <summary>
/// The gradient graph of Σ w ⊙ y over all real outputs y of one operator, lowered and run on ONNX Runtime, against central differences of the
/// operator's own run.
/// </summary>
internal static class GradientCheck
{
    public static void Run(OperatorRow row, int seed)
    {
        var draw = new Draw(seed, row.Precision.Type);
        OperatorSample sample = row.Draw(draw);
        bool symbolic = draw.Flip();
        Graph forward = Forward(row.Op, sample, symbolic);
        Dictionary<string, Tensor> feeds = Feeds(sample);
        using var session = new ForwardSession(forward);
        Dictionary<string, Tensor> outputs = session.Run(feeds);
        Dictionary<string, Tensor> weights = outputs.Where(pair => pair.Value.Type.IsFloating() && Weighed(forward, pair.Key))
            .ToDictionary(pair => $"w_{pair.Key}", pair => draw.Values(-1, 1, [.. pair.Value.Dims]));

        IReadOnlyDictionary<string, Tensor> gradients = Gradients(Forward(row.Op, sample, symbolic), sample, feeds, weights);
        foreach ((Operand? operand, int i) in sample.Operands.Select((operand, i) => (operand, i)))
        {
            if (operand is not { IsWanted: true }) continue;
            double[] expected = Differences(session, feeds, weights, $"x{i}", row.Precision);
            Tensor actual = gradients[$"x{i}_grad"];
            string operands = string.Join(", ", sample.Operands.Select(o => o?.Tensor.ToString() ?? "none"));
            string attributes = string.Join(", ", sample.Attributes.Select(a => new NodeAttribute(a.Name, a.Value)));
            string what = $"{row} seed {seed}, d x{i} {operand.Tensor}, {operands}; {attributes}";
            CollectionAssert.AreEqual(operand.Tensor.Dims.ToArray(), actual.Dims.ToArray(), what);
            Compare(expected, actual.ToDouble(), row.Precision.Tolerance, what);
        }
    }

    private static void Compare(double[] expected, double[] actual, double tolerance, string what)
    {
        double bound = tolerance * Math.Max(1, expected.Select(Math.Abs).DefaultIfEmpty().Max());
        for (int i = 0; i < expected.Length; i++)
            Assert.IsLessThanOrEqualTo(bound, Math.Abs(expected[i] - actual[i]), $"{what}: entry {i} is {actual[i]}, differences say {expected[i]}");
    }

    /// <summary>Only outputs that a gradient flows from: not masks and saved statistics.</summary>
    private static bool Weighed(Graph graph, string output) =>
        GradientRules.SeveralOutputs.ContainsKey(graph.Get(output).Producer!.Op) || output == "y0";

    private static Graph Forward(OpId op, OperatorSample sample, bool symbolic)
    {
        var graph = new Graph("forward", new Dictionary<string, long> { [OpId.Onnx] = sample.Opset, [OpId.Microsoft] = 1 });
        var inputs = new Value?[sample.Operands.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (sample.Operands[i] is not { } operand) continue;
            inputs[i] = operand.IsStored ? graph.AddInitializer($"x{i}", operand.Tensor)
                : graph.AddInput($"x{i}", operand.Tensor.Type, Declared(operand.Tensor, symbolic && !operand.IsStatic));
        }
        if (sample.Subgraph is { } subgraph)
        {
            using OpBuilder builder = graph.BuildAtEnd("node");
            Value y = subgraph(builder, [.. inputs.OfType<Value>()]);
            graph.Rename(y, "y0");
            graph.MarkOutput(y);
            ShapeInference.Apply(graph);
            return graph;
        }
        Node node = graph.AddNode(op, "node", inputs);
        foreach ((string name, object value) in sample.Attributes) node.SetAttribute(name, value);
        for (int i = 0; i < sample.Outputs; i++)
        {
            node.SetOutput(i, graph.NewValue($"y{i}"));
            graph.MarkOutput(node.Out(i));
        }
        ShapeInference.Apply(graph);
        return graph;
    }

    /// <summary>
    /// The first axis of every larger operand by a symbol of its extent: equal extents are then equal symbols, as in exported models.
    /// </summary>
    private static Shape Declared(Tensor tensor, bool symbolic)
    {
        Shape shape = Shape.From(tensor.Dims);
        return symbolic && shape.Rank > 1 && shape[0].Value > 1 ? shape.With(0, Dim.Symbol($"batch{tensor.Dims[0]}")) : shape;
    }

    private static Dictionary<string, Tensor> Feeds(OperatorSample sample) => sample.Operands.Select((operand, i) => (operand, i))
        .Where(pair => pair.operand is { IsStored: false }).ToDictionary(pair => $"x{pair.i}", pair => pair.operand!.Tensor);

    private static IReadOnlyDictionary<string, Tensor> Gradients(
        Graph graph, OperatorSample sample, Dictionary<string, Tensor> feeds, Dictionary<string, Tensor> weights)
    {
        if (sample.IsNormalized) ForwardNormalForm.Apply(graph, BatchNormMode.Frozen);
        foreach (Value output in graph.Outputs.ToArray()) graph.UnmarkOutput(output);
        Value loss;
        using (OpBuilder op = graph.BuildAtEnd("loss"))
        {
            Value[] terms = [.. weights.Select(weight => op.Op("ReduceSum", [
                graph.Get(weight.Key[2..]) * graph.AddInput(weight.Key, weight.Value.Type, Shape.From(weight.Value.Dims))], ("keepdims", 0)))];
            loss = op.Sum(terms);
        }
        Value[] wanted = [.. sample.Operands.Select((operand, i) => (operand, i))
            .Where(pair => pair.operand is { IsWanted: true }).Select(pair => graph.Get($"x{pair.i}"))];
        foreach (Value gradient in ReverseMode.AppendGradients(graph, loss, wanted).Values) graph.MarkOutput(gradient);
        graph.MarkOutput(loss);
        LowerTrainingOps.Apply(graph, LoweringTarget.Cpu);
        RemoveUnusedNodes.Apply(graph);
        TopologicalSort.Apply(graph);
        return new OrtGraphRunner()
            .Run(new Model(graph), feeds.Concat(weights).Where(pair => graph.Find(pair.Key) is { IsGraphInput: true }).ToDictionary());
    }

    private static double[] Differences(ForwardSession session, Dictionary<string, Tensor> feeds,
        Dictionary<string, Tensor> weights, string input, Precision precision)
    {
        double[] x = feeds[input].ToDouble();
        var differences = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            (double above, double below) = (Rounded(x[i] + precision.Step), Rounded(x[i] - precision.Step));
            differences[i] = (Loss(i, above) - Loss(i, below)) / (above - below);
        }
        return differences;

        double Rounded(double value) => precision.Type == ElementType.Double ? value : (float)value;

        double Loss(int at, double value)
        {
            double[] moved = [.. x];
            moved[at] = value;
            Tensor tensor = precision.Type == ElementType.Double ? Tensor.Of(feeds[input].Dims, moved)
                : Tensor.Of(feeds[input].Dims, Array.ConvertAll(moved, v => (float)v));
            Dictionary<string, Tensor> outputs = session.Run(new Dictionary<string, Tensor>(feeds) { [input] = tensor });
            return weights.Sum(weight => outputs[weight.Key[2..]].ToDouble().Zip(weight.Value.ToDouble(), (y, w) => y * w).Sum());
        }
    }

    /// <summary>Many runs of one small graph.</summary>
    private sealed class ForwardSession : IDisposable
    {
        private readonly InferenceSession session;

        public ForwardSession(Graph graph)
        {
            using var options = new SessionOptions
            {
                IntraOpNumThreads = 1,
                InterOpNumThreads = 1,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            // What training adds to the forward graph (BatchNormInternal) runs lowered, here as there.
            if (graph.OpsetOf(OpId.Onnx) == UpgradeOpset.Target) LowerTrainingOps.Apply(graph, LoweringTarget.Cpu);
            session = new(OnnxWriter.ToBytes(new Model(graph)), options);
        }

        public Dictionary<string, Tensor> Run(Dictionary<string, Tensor> feeds)
        {
            Dictionary<string, OrtValue> inputs = session.InputNames.ToDictionary(name => name, name => OrtTensors.ToOrtValue(feeds[name]));
            using var run = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, inputs, session.OutputNames);
            foreach (OrtValue input in inputs.Values) input.Dispose();
            return session.OutputNames.Zip(outputs).ToDictionary(pair => pair.First, pair => OrtTensors.ToTensor(pair.Second));
        }

        public void Dispose() => session.Dispose();
    }
}
