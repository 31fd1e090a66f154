using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Passes;

namespace GraphRewrite.NormalForm;

/// <summary>
/// Loop and Scan whose body runs a number of times that follows from the shapes, without a condition of its own → the body, so often: what it
/// carries goes from one run to the next, what it collects is joined. Others stay.
/// </summary>
internal static class UnrollLoops
{
    /// <summary>As of recurrent layers.</summary>
    private const long MaxTrips = 1024;

    public static HashSet<OpId> Operators { get; } = ["Loop", "Scan"];

    public static void Apply(Graph graph)
    {
        if (!graph.Nodes.Any(node => Operators.Contains(node.Op))) return;
        ShapeInference.Apply(graph);
        while (graph.Nodes.FirstOrDefault(node => Trips(node) is { IsKnown: true, Factor: > 0 and <= MaxTrips }) is { } node)
        {
            if (node.Op == "Loop") UnrollLoop(graph, node, (int)Trips(node).Value);
            else UnrollScan(graph, node, (int)Trips(node).Value);
            ShapeInference.Apply(graph);
        }
    }

    /// <summary>How often the body runs; unknown where it is no loop that can be unrolled.</summary>
    public static Dim Trips(Node node)
    {
        if (!Operators.Contains(node.Op) || Body(node) is not { } body) return Dim.Unknown;
        if (body.Initializers.Any(stored => stored.Initializer is null)) return Dim.Unknown; // data that is not modeled
        if (node.Op == "Scan")
        {
            int axis = (int)(node.Ints("scan_input_axes")?[0] ?? 0);
            return node.Inputs[Carried(node)]?.Shape is { Rank: > 0 } x ? x[axis] : Dim.Unknown;
        }
        bool begins = node.InOrNull(1) is not { } condition || condition.Elements is [var holds] && holds == 1;
        return begins && GoesOn(node, body, body.Outputs[0]) ? node.InOrNull(0).Single() : Dim.Unknown;
    }

    private static Graph? Body(Node node) => node.Attributes.FirstOrDefault(attribute => attribute.Name == "body")?.Value as Graph;

    /// <summary>How many values Scan carries.</summary>
    private static int Carried(Node scan) => scan.Inputs.Count - (int)scan.Int("num_scan_inputs", 1);

    /// <summary>Whether the condition of the next run is the given one, or always true.</summary>
    private static bool GoesOn(Node loop, Graph body, Value condition)
    {
        if (body.Inputs.Count > 1 && condition == body.Inputs[1]) return true;
        if (condition.Initializer is { } stored) return stored.ToDouble() is [not 0];
        if (condition.Producer is not { } node) return loop.Graph.Find(condition.Name)?.Elements is [var holds] && holds == 1; // captured
        return node.Op.Type is "Identity" or "Cast" ? GoesOn(loop, body, node.In(0))
            : node.Op == "Constant" && node.TensorAttribute("value")?.ToDouble() is [not 0];
    }

    private static void UnrollLoop(Graph graph, Node node, int trips)
    {
        Graph body = Body(node)!;
        using OpBuilder op = graph.BuildBefore(node, node.Name);
        int carries = node.Inputs.Count - 2, collects = body.Outputs.Count - 1 - carries;
        Value[] carried = [.. node.Inputs.Skip(2).Select(input => input!)];
        var collected = new Value[collects][];
        for (int i = 0; i < collects; i++) collected[i] = new Value[trips];
        Value goesOn = op.Op("Constant", [], ("value", Tensor.Scalar(true)));
        for (int trip = 0; trip < trips; trip++)
        {
            Value number = op.Op("Constant", [], ("value", Tensor.Scalar((long)trip)));
            Value[] made = Run(graph, node, body, trip, [number, goesOn, .. carried]);
            carried = made[1..(1 + carries)];
            for (int i = 0; i < collects; i++) collected[i][trip] = op.Unsqueeze(made[1 + carries + i], 0);
        }
        Replace(graph, op, node, [.. carried, .. collected.Select(parts => op.Concat(0, parts))]);
    }

    private static void UnrollScan(Graph graph, Node node, int trips)
    {
        Graph body = Body(node)!;
        using OpBuilder op = graph.BuildBefore(node, node.Name);
        int carries = Carried(node), reads = node.Inputs.Count - carries, collects = body.Outputs.Count - carries;
        Value[] carried = [.. node.Inputs.Take(carries).Select(input => input!)];
        Value[][] read = [.. Enumerable.Range(0, reads).Select(i => Elements(op, node, i, carries, trips))];
        var collected = new Value[collects][];
        for (int i = 0; i < collects; i++) collected[i] = new Value[trips];
        for (int trip = 0; trip < trips; trip++)
        {
            Value[] made = Run(graph, node, body, trip, [.. carried, .. read.Select(elements => elements[trip])]);
            carried = made[..carries];
            for (int i = 0; i < collects; i++)
            {
                int at = node.Ints("scan_output_directions")?[i] == 1 ? trips - 1 - trip : trip;
                collected[i][at] = op.Unsqueeze(made[carries + i], node.Ints("scan_output_axes")?[i] ?? 0);
            }
        }
        IEnumerable<Value> joined = collected.Select((parts, i) => op.Concat((int)(node.Ints("scan_output_axes")?[i] ?? 0), parts));
        Replace(graph, op, node, [.. carried, .. joined]);
    }

    /// <summary>What a run reads of a scanned input, first run first.</summary>
    private static Value[] Elements(OpBuilder op, Node node, int input, int carries, int trips)
    {
        int axis = (int)(node.Ints("scan_input_axes")?[input] ?? 0);
        Value x = node.In(carries + input);
        IEnumerable<int> places = Enumerable.Range(0, trips);
        if (node.Ints("scan_input_directions")?[input] == 1) places = places.Reverse();
        return [.. places.Select(at => op.Gather(x, op.Constant(Tensor.Scalar((long)at)), axis))];
    }

    /// <summary>A copy of the body on these inputs; what it gives.</summary>
    private static Value[] Run(Graph graph, Node node, Graph body, int trip, Value[] inputs)
    {
        var names = new Dictionary<string, string>();
        foreach (Value captured in body.Captures) names[captured.Name] = captured.Name;
        foreach ((Value formal, Value actual) in body.Inputs.Zip(inputs)) names[formal.Name] = actual.Name;
        var copies = new NodeCopies(graph, $"{node.Name}/{trip}", names);
        foreach (Value stored in body.Initializers) copies.AddConstant(stored.Initializer!, stored.Name, before: node);
        foreach (Node inner in body.Nodes) copies.Add(inner, before: node);
        return [.. body.Outputs.Select(output => graph.Get(copies.NameOf(output.Name)))];
    }

    private static void Replace(Graph graph, OpBuilder op, Node node, Value[] made)
    {
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is not { } output) continue;
            node.SetOutput(i, null);
            output.Shape = null; // of a loop a file may declare anything
            graph.Redefine(output, op.Identity(made[i]));
        }
        graph.Remove(node);
    }
}
