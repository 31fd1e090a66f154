namespace GraphRewrite.Diagnostics;

/// <summary>What a program's user may choose, as messages refer to it. The program that asks the user knows what it calls each.</summary>
public enum Setting
{
    /// <summary>Which layers TrAct goes into.</summary>
    Layers,

    /// <summary>Training without TrAct.</summary>
    NoTrAct,

    /// <summary>TrAct's λ.</summary>
    Lambda,

    /// <summary>Parameters that are not trained.</summary>
    Freeze,

    /// <summary>The loss.</summary>
    Loss,

    /// <summary>BatchNormalization's mode.</summary>
    BatchNorm,

    /// <summary>What a gradient graph gives the gradients of.</summary>
    Wanted,

    /// <summary>Formulations that are taken wherever they fit.</summary>
    Forms,

    /// <summary>The largest number of nodes: <see cref="Limits.Nodes"/>.</summary>
    MaxNodes,

    /// <summary>The most bytes of tensors: <see cref="Limits.ConstantBytes"/>.</summary>
    MaxConstantBytes,

    /// <summary>The deepest nesting: <see cref="Limits.Nesting"/>.</summary>
    MaxNesting,

    /// <summary>Extents of symbolic dimensions that a training graph is made for.</summary>
    Sizes,

    /// <summary>Steps that recurrent layers are unrolled for.</summary>
    Length,

    /// <summary>Which outputs of a forward model are trained.</summary>
    Outputs,
}
