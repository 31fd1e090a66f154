using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization.Validation;

/// <summary>
/// What a graph, its subgraphs and a function's body must keep to: every name made once, before it is read, and by no circle; nodes, tensors and
/// declarations that are valid by themselves.
/// </summary>
internal sealed class GraphRules(NodeRules rules, Offences offences)
{
    private const int ShownOfCycle = 8;

    /// <summary>A graph, and the subgraphs in it.</summary>
    public void Check(GraphProto graph, Scope? outer, string where)
    {
        var scope = new Scope(outer, Makers(graph.Node));
        foreach (ValueInfoProto input in graph.Input)
        {
            if (input.Name.Length == 0) offences.Add(where, "a graph input has no name");
            else if (!scope.Add(input.Name)) offences.Add(where, $"the graph input '{input.Name}' is declared twice");
        }
        CheckStored(graph, scope, where);
        CheckNodes(graph.Node, scope, where);
        foreach (ValueInfoProto output in graph.Output)
        {
            if (output.Name.Length == 0) offences.Add(where, "a graph output has no name");
            else if (!scope.Knows(output.Name)) offences.Add(where, $"the graph output '{output.Name}' is made by no node");
        }
        foreach (ValueInfoProto info in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo)) TensorRules.Check(info, where, offences);
    }

    /// <summary>A function's body.</summary>
    public void Check(FunctionProto function, string where)
    {
        var scope = new Scope(null, Makers(function.Node));
        foreach (string input in function.Input)
        {
            if (input.Length == 0) offences.Add(where, "an input has no name");
            else if (!scope.Add(input)) offences.Add(where, $"it has two inputs '{input}'");
        }
        CheckNodes(function.Node, scope, where);
        foreach (string output in function.Output)
            if (!scope.Knows(output)) offences.Add(where, $"its output '{output}' is made by no node");
        foreach (AttributeProto attribute in function.AttributeProto)
            if (AttributeRules.Payload(attribute) is { } fault) offences.Add(where, $"the attribute '{attribute.Name}' {fault}");
    }

    private static Dictionary<string, string> Makers(IEnumerable<NodeProto> nodes)
    {
        var makers = new Dictionary<string, string>();
        foreach (NodeProto node in nodes)
            foreach (string output in node.Output) makers.TryAdd(output, node.Name.Length > 0 ? node.Name : node.OpType);
        return makers;
    }

    /// <summary>Initializers; one may be the default of an input, which has its name.</summary>
    private void CheckStored(GraphProto graph, Scope scope, string where)
    {
        var stored = new HashSet<string>();
        IEnumerable<string> sparse = graph.SparseInitializer.Select(tensor => tensor.Values?.Name ?? "");
        foreach (string name in graph.Initializer.Select(tensor => tensor.Name).Concat(sparse))
        {
            if (name.Length == 0) offences.Add(where, "an initializer has no name");
            else if (!stored.Add(name)) offences.Add(where, $"the initializer '{name}' is stored twice");
            scope.Add(name);
        }
        foreach (TensorProto tensor in graph.Initializer) TensorRules.Check(tensor, where, offences);
        foreach (SparseTensorProto tensor in graph.SparseInitializer) TensorRules.Check(tensor, where, offences);
    }

    private void CheckNodes(IReadOnlyList<NodeProto> nodes, Scope scope, string where)
    {
        IReadOnlyList<string>? cycle = null;
        bool isSearched = false;
        foreach (NodeProto node in nodes)
        {
            foreach (string input in node.Input.Where(input => input.Length > 0 && !scope.Knows(input)).Distinct())
            {
                if (scope.MakerOf(input) is not { } maker)
                {
                    Offend(node, $"it reads '{input}', which is made by no node, and is no input or initializer");
                    continue;
                }
                if (!isSearched) cycle = NodeCycle.Find(nodes);
                isSearched = true;
                if (cycle is null) Offend(node, $"it reads '{input}', which '{maker}' makes only later");
            }
            foreach (Phrase fault in rules.Faults(node)) Offend(node, fault);
            foreach (AttributeProto attribute in node.Attribute) CheckContents(node, attribute, scope, where);
            foreach (string output in node.Output.Where(output => output.Length > 0))
                if (!scope.Add(output)) Offend(node, $"it makes '{output}', which is made, fed or stored already");
        }
        if (cycle is null) return;
        string values = string.Join(" → ", cycle.Take(ShownOfCycle).Select(name => $"'{name}'"));
        offences.Add(where, $"nodes wait for each other in a circle: {values}{(cycle.Count > ShownOfCycle ? " → …" : "")}");

        void Offend(NodeProto node, Phrase found) => offences.Add(where, node, rules.OpsetOf(node), found);
    }

    private void CheckContents(NodeProto node, AttributeProto attribute, Scope scope, string where)
    {
        string place = $"'{attribute.Name}' of '{(node.Name.Length > 0 ? node.Name : node.OpType)}'{(where.Length == 0 ? "" : $" in {where}")}";
        foreach (TensorProto tensor in AttributeRules.Tensors(attribute)) TensorRules.Check(tensor, place, offences);
        foreach (SparseTensorProto tensor in AttributeRules.SparseTensors(attribute)) TensorRules.Check(tensor, place, offences);
        foreach (GraphProto graph in AttributeRules.Graphs(attribute)) Check(graph, scope, place);
    }
}
