using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;

namespace GraphRewrite.Rules;

/// <summary>
/// THE place where a program adds rules of its own: gradients, lowerings and shapes by operator. A value that goes along in the options of one piece
/// of work (a registry that somebody changes would change everybody's). Its rules come before the library's for the same operator.
/// <code>
/// var operators = new CustomOperators
/// {
///     Gradients = new Dictionary&lt;OpId, CustomGradient&gt;
///     {
///         ["mine::Cube"] = (op, n, dY) => [dY * op.ScalarLike(dY, 3) * n.In(0) * n.In(0)], // dX = 3 X² ⊙ dY
///     },
///     Lowerings = new Dictionary&lt;OpId, CustomLowering&gt;
///     {
///         ["mine::Cube"] = (op, n) => [n.In(0) * n.In(0) * n.In(0)], // Y = X³
///     },
/// };
/// </code>
/// </summary>
public sealed record CustomOperators
{
    /// <summary>The library's own rules alone.</summary>
    public static CustomOperators None { get; } = new();

    /// <summary>
    /// Gradients by operator ("Round", "mine::Cube").
    /// One for an operator that has none in the library, such as Round, makes it differentiable.
    /// </summary>
    public IReadOnlyDictionary<OpId, CustomGradient> Gradients { get; init; } = new Dictionary<OpId, CustomGradient>();

    /// <summary>Lowerings by operator.</summary>
    public IReadOnlyDictionary<OpId, CustomLowering> Lowerings { get; init; } = new Dictionary<OpId, CustomLowering>();

    /// <summary>Shapes by operator; not needed where the model file declares them (value_info), and never for the library's operators.</summary>
    public IReadOnlyDictionary<OpId, CustomShape> Shapes { get; init; } = new Dictionary<OpId, CustomShape>();

    /// <summary>
    /// Notes the types and shapes of what operators with a rule make, as if the file had declared them: all later inference keeps them.
    /// </summary>
    /// <param name="graph">A sorted graph; changed in place.</param>
    internal void DeclareShapes(Graph graph)
    {
        if (Shapes.Count == 0) return;
        foreach (Node node in graph.Nodes)
        {
            if (Shapes.TryGetValue(node.Op, out CustomShape? rule)) Declare(node, rule(node));
            else ShapeInference.Infer(node);
        }
    }

    private static void Declare(Node node, IReadOnlyList<(ElementType Type, Shape? Shape)> outputs)
    {
        for (int i = 0; i < Math.Min(outputs.Count, node.Outputs.Count); i++)
        {
            if (node.Outputs[i] is not { } output) continue;
            output.Type = outputs[i].Type;
            output.Shape ??= outputs[i].Shape;
        }
    }
}
