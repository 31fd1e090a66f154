using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization.Validation;

/// <summary>Nodes that wait for each other.</summary>
internal static class NodeCycle
{
    /// <summary>The values of one cycle, in its order; null where the nodes can be sorted.</summary>
    public static IReadOnlyList<string>? Find(IReadOnlyList<NodeProto> nodes)
    {
        var makerOf = new Dictionary<string, int>();
        for (int i = 0; i < nodes.Count; i++)
            foreach (string output in nodes[i].Output) makerOf.TryAdd(output, i);
        int[][] needs = [.. nodes.Select(node => Reads(node).Where(makerOf.ContainsKey).Select(name => makerOf[name]).Distinct().ToArray())];

        // Depth first with a stack of its own: a chain of nodes may be longer than the thread's stack.
        var state = new byte[nodes.Count]; // 0 new, 1 open, 2 done
        var path = new Stack<(int Node, int Next)>();
        for (int start = 0; start < nodes.Count; start++)
        {
            if (state[start] == 0) Open(start);
            while (path.TryPop(out (int Node, int Next) top))
            {
                if (top.Next == needs[top.Node].Length)
                {
                    state[top.Node] = 2;
                    continue;
                }
                path.Push(top with { Next = top.Next + 1 });
                int needed = needs[top.Node][top.Next];
                if (state[needed] == 1) return [.. path.Select(step => step.Node).TakeWhile(node => node != needed).Append(needed).Select(First)];
                if (state[needed] == 0) Open(needed);
            }
        }
        return null;

        void Open(int node)
        {
            state[node] = 1;
            path.Push((node, 0));
        }

        string First(int node) => nodes[node].Output.First(output => output.Length > 0);
    }

    /// <summary>Names that a node reads, by itself or in its subgraphs; those that subgraphs make are among them.</summary>
    private static IEnumerable<string> Reads(NodeProto node) =>
        node.Input.Concat(node.Attribute.SelectMany(AttributeRules.Graphs).SelectMany(Reads)).Where(name => name.Length > 0);

    private static IEnumerable<string> Reads(GraphProto graph) => graph.Node.SelectMany(Reads).Concat(graph.Output.Select(output => output.Name));
}
