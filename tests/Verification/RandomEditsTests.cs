using System.Globalization;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Verification;

namespace TrActOnnx.Tests.Verification;

/// <summary>
/// Random edits of rewritten artifacts, inside the new part, in its branches and outside: none that changes what is computed passes, none that changes
/// names and order alone fails. TRACT_EDITS=10000 makes that many.
/// </summary>
[TestClass]
public sealed class RandomEditsTests
{
    private static readonly string[] Cases = ["lenet", "mlp", "siamese", "groupdil", "seqmlp"];

    private static readonly int Edits =
        int.TryParse(Environment.GetEnvironmentVariable("TRACT_EDITS"), CultureInfo.InvariantCulture, out int count) ? count : 300;

    [TestMethod]
    public void NoChangeOfWhatIsComputedPasses()
    {
        (string Name, Func<Graph, Random, string?> Edit)[] edits =
        [
            ("constant", OtherConstant), ("attribute", OtherAttribute), ("rewired", Rewired), ("operator", OtherOperator), ("inserted", Inserted),
        ];
        var done = new Dictionary<string, int>();
        foreach ((RewrittenCase original, Random random, int number) in Trials())
        {
            Model after = original.After.Clone();
            Graph[] graphs = [after.Graph, .. after.Graph.Nodes.SelectMany(node => node.Subgraphs)];
            (string name, Func<Graph, Random, string?> edit) = edits[random.Next(edits.Length)];
            if (edit(graphs[random.Next(graphs.Length)], random) is not { } what) continue;
            done[name] = done.GetValueOrDefault(name) + 1;
            VerificationReport report = StructuralVerification.Run(original.Before, after).Report;
            Assert.IsFalse(report.Holds, $"edit {number} of {original.Before.Graph.Name}, {name}: {what}");
        }
        foreach ((string name, _) in edits) Assert.IsGreaterThan(Edits / 50, done.GetValueOrDefault(name), name);
    }

    [TestMethod]
    public void OtherNamesAndAnotherOrderHold()
    {
        foreach ((RewrittenCase original, Random random, int number) in Trials().Take(Edits / 3))
        {
            Model after = original.After.Clone();
            Graph graph = after.Graph;
            if (random.Next(2) == 0)
            {
                Value[] free = [.. graph.Values.Where(value => value is { Producer: not null, IsGraphOutput: false, Capturer: null, DeclaredType: null })];
                Value renamed = free[random.Next(free.Length)];
                if (renamed.Name.Contains("_grad", StringComparison.Ordinal)) continue; // names of gradients are the artifact's interface
                graph.Rename(renamed, $"renamed.{number}");
            }
            else
            {
                Node[] nodes = [.. graph.Nodes];
                int at = random.Next(nodes.Length - 1);
                if (Walk.Operands(nodes[at + 1]).Any(value => value.Producer == nodes[at])) continue;
                (nodes[at], nodes[at + 1]) = (nodes[at + 1], nodes[at]);
                graph.Reorder(nodes);
            }
            VerificationReport report = StructuralVerification.Run(original.Before, after).Report;
            Assert.IsTrue(report.Holds, $"edit {number} of {original.Before.Graph.Name}: {report}");
        }
    }

    private static IEnumerable<(RewrittenCase Case, Random Random, int Number)> Trials()
    {
        RewrittenCase[] cases = [.. Cases.Select(name => new RewrittenCase(name))];
        for (int number = 0; number < Edits; number++) yield return (cases[number % cases.Length], new(number), number);
    }

    /// <summary>One bit of one element.</summary>
    private static string? OtherConstant(Graph graph, Random random)
    {
        Value[] stored = [.. graph.Initializers.Where(value => value.Initializer is { Length: > 0 })];
        if (stored.Length == 0) return null;
        Value value = stored[random.Next(stored.Length)];
        byte[] bytes = value.Initializer!.Data.ToArray();
        int at = random.Next(bytes.Length);
        bytes[at] ^= (byte)(1 << random.Next(8));
        graph.SetInitializer(value, new Tensor(value.Initializer.Type, value.Initializer.Dims, bytes));
        return $"byte {at} of '{value.Name}'";
    }

    private static string? OtherAttribute(Graph graph, Random random)
    {
        (Node Node, NodeAttribute Attribute)[] all =
            [.. graph.Nodes.SelectMany(node => node.Attributes.Where(a => a.Value is long or float or long[] { Length: > 0 }).Select(a => (node, a)))];
        if (all.Length == 0) return null;
        (Node node, NodeAttribute attribute) = all[random.Next(all.Length)];
        node.SetAttribute(attribute.Name, attribute.Value switch
        {
            long number => number + 1,
            float number => number + 1,
            long[] numbers => (long[])[.. numbers.SkipLast(1), numbers[^1] + 1],
            _ => throw new InvalidOperationException(),
        });
        return $"{attribute} of {node}";
    }

    /// <summary>Another value that is made before.</summary>
    private static string? Rewired(Graph graph, Random random)
    {
        Node[] nodes = [.. graph.Nodes.Where(node => node.Inputs.Any(input => input is not null))];
        if (nodes.Length == 0) return null;
        Node node = nodes[random.Next(nodes.Length)];
        int input = random.Next(node.Inputs.Count);
        if (node.InOrNull(input) is not { } old) return null;
        Value[] others = [.. graph.Nodes.TakeWhile(other => other != node).SelectMany(other => other.Outputs).OfType<Value>().Concat(graph.Inputs)
            .Where(value => value != old)];
        if (others.Length == 0) return null;
        Value other = others[random.Next(others.Length)];
        if (graph.Outer is null && new ConeSignatures(graph) is { } signatures && signatures.Of(other) == signatures.Of(old)) return null;
        node.SetInput(input, other);
        return $"input {input} of {node} reads '{other.Name}'";
    }

    private static string? OtherOperator(Graph graph, Random random)
    {
        var other = new Dictionary<string, OpId> { ["Relu"] = "Sigmoid", ["Add"] = "Sub", ["Mul"] = "Div", ["Sub"] = "Add", ["Div"] = "Mul", ["Sqrt"] = "Exp" };
        Node[] nodes = [.. graph.Nodes.Where(node => node.Op.Domain == OpId.Onnx && other.ContainsKey(node.Op.Type) && node.Out(0).Capturer is null)];
        if (nodes.Length == 0) return null;
        Node node = nodes[random.Next(nodes.Length)];
        Node twin = graph.AddNode(other[node.Op.Type], $"{node.Name}.other", node.Inputs, node);
        Value made = node.Out(0);
        node.SetOutput(0, null);
        twin.SetOutput(0, made);
        graph.Remove(node);
        return $"{node} is {twin}";
    }

    private static string? Inserted(Graph graph, Random random)
    {
        Node[] nodes = [.. graph.Nodes.Where(node => node.Inputs.Any(input => input is not null))];
        if (nodes.Length == 0) return null;
        Node node = nodes[random.Next(nodes.Length)];
        int input = random.Next(node.Inputs.Count);
        if (node.InOrNull(input) is not { } old) return null;
        using OpBuilder op = graph.BuildBefore(node, "inserted");
        node.SetInput(input, op.Op(random.Next(2) == 0 ? "Neg" : "Relu", [old]));
        return $"before input {input} of {node}";
    }
}
