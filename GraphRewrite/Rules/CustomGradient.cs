using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Rules;

/// <summary>
/// The gradient of an operator, as a program defines it: the gradients of the node's inputs from dY, the gradient of its output 0.
/// What it emits may be standard operators, ONNX Runtime Training's, or operators that have a <see cref="CustomLowering"/>.
/// </summary>
/// <param name="op">Emits at the end of the graph; while it is open, + − · / on values emit there too.</param>
/// <param name="node">The forward node: X = node.In(0), Y = node.Out(0). It is to be read, not changed.</param>
/// <param name="dY">Of Y's type and shape.</param>
/// <returns>
/// One gradient for each input, of that input's type and shape; null where none flows. The sum over several uses of a value is not the rule's work.
/// </returns>
public delegate IReadOnlyList<Value?> CustomGradient(OpBuilder op, Node node, Value dY);
