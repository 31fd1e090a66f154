using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Passes;
using TrActOnnx.Tests.Lowering;

namespace TrActOnnx.Tests.Passes;

/// <summary>What only the branches of one If read is computed in them, and comes to the same.</summary>
[TestClass]
public sealed class MoveIntoBranchesTests
{
    /// <summary>Name, y of an x and a condition, and the operators that are left outside.</summary>
    private static readonly (string Name, Func<OpBuilder, Value, Value, Value> Compute, string[] Outside)[] Cases =
    [
        ("one branch", (op, x, c) => If(op, c, Op("Exp", x), x), ["If"]),
        ("both branches", (op, x, c) => Both(op, c, Op("Exp", x)(op)), ["If"]),
        ("a chain", (op, x, c) => If(op, c, outer => Op("Neg", Op("Exp", x)(outer))(outer), x), ["If"]),
        ("with a constant", (op, x, c) => If(op, c, outer => x * outer.ScalarLike(x, 3), x), ["If"]),
        ("read outside too", ReadOutsideToo, ["Exp", "If", "Add"]),
        ("read by two", ReadByTwo, ["Exp", "If", "If", "Add"]),
    ];

    public static IEnumerable<object[]> Names => Cases.Select(each => new object[] { each.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void BranchesComputeWhatTheyRead(string name)
    {
        (_, Func<OpBuilder, Value, Value, Value> compute, string[] outside) = Cases.Single(each => each.Name == name);
        (Graph before, Graph after) = (GraphOf(compute), GraphOf(compute));
        MoveIntoBranches.Apply(after);
        CollectionAssert.AreEqual(outside, after.Nodes.Select(node => node.Op.Type).ToArray());
        foreach (bool condition in new[] { true, false })
        {
            (string, Tensor)[] feeds = [("x", Tensor.Of([3], [1f, -2, 3])), ("condition", Tensor.Of([], [condition]))];
            CollectionAssert.AreEqual(LoweringRun.Run(before, feeds)["y"].ToDouble(), LoweringRun.Run(after, feeds)["y"].ToDouble(), $"{condition}");
        }
    }

    /// <summary>What the graph gives is made in it.</summary>
    [TestMethod]
    public void OutputsStay()
    {
        Graph graph = GraphOf((op, x, c) => If(op, c, Op("Exp", x), x));
        graph.MarkOutput(graph.Nodes.First().Out(0));
        MoveIntoBranches.Apply(graph);
        Assert.AreEqual("Exp", graph.Nodes.First().Op.Type);
    }

    private static Value ReadOutsideToo(OpBuilder op, Value x, Value condition)
    {
        Value exp = op.Op("Exp", [x]);
        return Both(op, condition, exp) + exp;
    }

    private static Value ReadByTwo(OpBuilder op, Value x, Value condition)
    {
        Value exp = op.Op("Exp", [x]);
        return Both(op, condition, exp) + Both(op, condition, exp);
    }

    private static Func<OpBuilder, Value> Op(string type, Value x) => op => op.Op(type, [x]);

    /// <summary>condition ? −made : |x|.</summary>
    private static Value If(OpBuilder op, Value condition, Func<OpBuilder, Value> make, Value x)
    {
        Value made = make(op);
        return op.If(condition, then => Op("Neg", then.Here(made))(then), other => Op("Abs", other.Here(x))(other));
    }

    /// <summary>condition ? −x : |x|.</summary>
    private static Value Both(OpBuilder op, Value condition, Value x) => If(op, condition, _ => x, x);

    private static Graph GraphOf(Func<OpBuilder, Value, Value, Value> compute)
    {
        Graph graph = LoweringRun.NewGraph();
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(3)), condition = graph.AddInput("condition", ElementType.Bool, Shape.Of());
        using OpBuilder op = graph.BuildAtEnd("net");
        Value y = compute(op, x, condition);
        graph.Rename(y, "y");
        graph.MarkOutput(y);
        return graph;
    }
}
