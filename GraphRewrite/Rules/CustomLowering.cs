using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Rules;

/// <summary>
/// What a program's operator is made of, for a runtime that does not have it: operators of opset 21, of ONNX Runtime, or training operators that have
/// a lowering here. It is made before those are lowered, with shapes known as far as they can be.
/// </summary>
/// <param name="op">Emits where the node stands.</param>
/// <param name="node">The node that is replaced. It is to be read, not changed.</param>
/// <returns>One value for each output of the node, of that output's type and shape; null for outputs that nobody uses.</returns>
public delegate IReadOnlyList<Value?> CustomLowering(OpBuilder op, Node node);
