using GraphRewrite.IR;

namespace GraphRewrite.Rules;

/// <summary>The types and shapes that an operator of a program's own gives its outputs, where the model file declares none.</summary>
/// <param name="node">The node; the types and shapes of its inputs are known as far as they can be.</param>
/// <returns>One for each output, in order; a null shape where not even the rank is known.</returns>
public delegate IReadOnlyList<(ElementType Type, Shape? Shape)> CustomShape(Node node);
