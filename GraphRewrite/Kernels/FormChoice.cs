namespace GraphRewrite.Kernels;

/// <summary>What a node was lowered to.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Part">What is computed: conv, dX, dW, maxpool, patches, gram, products or solve.</param>
/// <param name="Form">The formulation's name.</param>
public sealed record FormChoice(string Node, string Part, string Form);
