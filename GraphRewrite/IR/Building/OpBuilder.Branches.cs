namespace GraphRewrite.IR.Building;

// If, whose branches are graphs of their own.
public sealed partial class OpBuilder
{
    /// <summary>condition ? then : otherwise, of which only the one that is taken is computed.</summary>
    /// <param name="condition">A bool scalar.</param>
    /// <param name="then">Emits the branch that is taken where it holds; what it needs of this graph it takes by <see cref="Here"/>.</param>
    /// <param name="otherwise">Emits the other branch, a value of the same type and shape.</param>
    internal Value If(Value condition, Func<OpBuilder, Value> then, Func<OpBuilder, Value> otherwise)
    {
        Node node = Graph.AddNode("If", $"{Prefix}/If", [condition], place);
        Graph taken = Branch("then", then), other = Branch("else", otherwise);
        node.Add(new("then_branch", taken));
        node.Add(new("else_branch", other));
        node.CaptureBySubgraphs();
        Value made = Graph.NewValue($"{node.Name}_output", taken.Outputs[0].Type, taken.Outputs[0].Shape);
        node.SetOutput(0, made);
        return made;
    }

    /// <summary>In a branch: a value of the graph around it, captured by name. A value of this graph itself.</summary>
    internal Value Here(Value value)
    {
        if (value.Graph == Graph) return value;
        if (value.Graph != Graph.Outer) throw new InvalidOperationException($"'{value.Name}' is of neither this graph nor the one around it.");
        return Graph.Capture(value);
    }

    private Graph Branch(string name, Func<OpBuilder, Value> emit)
    {
        var branch = new Graph($"{Prefix}/{name}", Graph);
        branch.Reserved.UnionWith(Graph.Values.Select(value => value.Name));
        using OpBuilder op = branch.BuildAtEnd($"{Prefix}/{name}");
        branch.MarkOutput(emit(op));
        return branch;
    }
}
