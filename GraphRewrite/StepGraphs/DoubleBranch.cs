using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Passes;
using GraphRewrite.TrAct;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// TrAct's choice between float32 and float64, which each step makes of its own batch, on CUDA: float64 always. There the choice would have to be
/// copied to the host in the midst of a step, which waits for the device; float64 is right at every condition.
/// </summary>
internal static class DoubleBranch
{
    public static void Take(Graph graph, LoweringTarget target)
    {
        if (target.Device != ExecutionDevice.Cuda) return;
        Value[] norms = TrActNames.NormsIn(graph);
        HashSet<Value> decided = Walk.Downstream(norms);
        Node[] choices = [.. graph.Nodes.Where(node => node.Op == "If" && decided.Contains(node.In(0)))];
        if (choices.Length == 0) return;
        foreach (Node choice in choices) InlineBranches.Take(graph, choice, condition: false);
        ShapeInference.Apply(graph);
    }
}
