using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Loops that run a known number of times.</summary>
internal static partial class OperatorRows
{
    /// <summary>s ← tanh(s W + x[i]) over the rows of x, collecting s; W is captured, and the body is written as before opset 13.</summary>
    private static OperatorSample LoopOfMatMul(Draw d)
    {
        (long steps, long batch, long width) = (d.Int(1, 4), d.Int(1, 3), d.Int(1, 3));
        bool isOld = d.Flip();
        return OperatorSample.Around((op, v) =>
        {
            var body = new Graph("body", op.Graph);
            Value number = body.AddInput("number", ElementType.Int64, Shape.Scalar);
            Value condition = body.AddInput("condition", ElementType.Bool, Shape.Scalar);
            Value state = body.AddInput("state", ElementType.Float, null);
            using (OpBuilder inner = body.BuildAtEnd("inner"))
            {
                Value row = inner.Op("Gather", [Captured(body, v[0]), number], ("axis", 0));
                Value next = inner.Op("Tanh", [inner.Op("Add", [inner.MatMul(state, Captured(body, v[1])), row])]);
                Value collected = isOld
                    ? inner.Op("Squeeze", [inner.Op("Unsqueeze", [next], ("axes", (long[])[0]))], ("axes", (long[])[0]))
                    : inner.Identity(next);
                foreach (Value output in new[] { inner.Identity(condition), next, collected }) body.MarkOutput(output);
            }
            Value[] made = Looped(op, "Loop", [op.Gather(op.Shape(v[0]), op.Constant(Tensor.Scalar(0L))), null, v[2]], body, 2);
            return op.Concat(0, op.Reshape(made[0], -1), op.Reshape(made[1], -1));
        }, Static(d, steps, batch, width), Static(d, width, width), Static(d, batch, width)) with
        { Opset = isOld ? 11 : 20 };
    }

    /// <summary>s ← s ⊙ x[i] + x[i], the last of x first, its second axis scanned; what it was before is collected along the last axis.</summary>
    private static OperatorSample ScanOfSums(Draw d)
    {
        (long steps, long width) = (d.Int(1, 4), d.Int(1, 3));
        (long reverse, long backwards) = (d.Int(0, 1), d.Int(0, 1));
        return OperatorSample.Around((op, v) =>
        {
            var body = new Graph("body", op.Graph);
            Value state = body.AddInput("state", ElementType.Float, null), element = body.AddInput("element", ElementType.Float, null);
            using (OpBuilder inner = body.BuildAtEnd("inner"))
            {
                foreach (Value output in new[] { (state * element) + element, inner.Identity(state) }) body.MarkOutput(output);
            }
            Value[] made = Looped(op, "Scan", [v[0], v[1]], body, 2, ("num_scan_inputs", 1), ("scan_input_axes", (long[])[1]),
                ("scan_input_directions", (long[])[reverse]), ("scan_output_axes", (long[])[1]), ("scan_output_directions", (long[])[backwards]));
            return op.Concat(0, op.Reshape(made[0], -1), op.Reshape(made[1], -1));
        }, Static(d, width), Static(d, width, steps)) with
        { Opset = 20 };
    }

    private static Operand Static(Draw d, params long[] dims) => new(d.Values(-1, 1, dims), IsStatic: true);

    private static Value Captured(Graph body, Value outer) => body.GetOrAddValue(outer.Name);

    private static Value[] Looped(OpBuilder op, OpId loop, Value?[] inputs, Graph body, int outputs, params (string Name, object Value)[] attributes)
    {
        Node node = op.Graph.AddNode(loop, "loop", inputs);
        node.SetAttribute("body", body);
        foreach ((string name, object value) in attributes) node.SetAttribute(name, value);
        node.CaptureBySubgraphs();
        Value[] made = [.. Enumerable.Range(0, outputs).Select(i => op.Graph.NewValue($"looped{i}", ElementType.Float))];
        for (int i = 0; i < outputs; i++) node.SetOutput(i, made[i]);
        return made;
    }

    /// <summary>All outputs of a layer, end to end: every step's state and the last ones.</summary>
    private static OperatorSample Recurrent(Draw d, string layer, int gates, params (string, object)[] attributes)
    {
        string direction = d.One("forward", "reverse", "bidirectional");
        long directions = direction == "bidirectional" ? 2 : 1, steps = d.Int(1, 4), batch = d.Int(1, 3), input = d.Int(1, 3), hidden = d.Int(1, 3);
        int outputs = layer == "LSTM" ? 3 : 2;
        bool isBiased = d.Flip(), isStarted = d.Flip();
        Operand?[] operands =
        [
            Small(steps, batch, input), Small(directions, gates * hidden, input), Small(directions, gates * hidden, hidden),
            isBiased ? Small(directions, 2 * gates * hidden) : null,
                .. Enumerable.Range(1, outputs - 1).Select(_ => isStarted ? Small(directions, batch, hidden) : null),
        ];
        return OperatorSample.Around((op, given) =>
        {
            int next = 0;
            Value?[] all = [.. operands.Select(operand => operand is null ? null : given[next++])];
            Value[] made = op.Ops(layer, [.. all[..4], null, .. all[4..]], outputs,
                [("hidden_size", hidden), ("direction", direction), .. attributes]);
            return op.Concat(0, [.. made.Select(output => op.Reshape(output, -1))]);
        }, operands);

        Operand Small(params long[] dims) => new(d.Values(-1, 1, dims), IsStatic: true);
    }
}
