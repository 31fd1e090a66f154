namespace GraphRewrite.IR.Windows;

/// <summary>How a node asks for its pads: the attribute auto_pad.</summary>
internal enum AutoPad
{
    /// <summary>The pads are those of the attribute pads.</summary>
    NotSet,

    /// <summary>No pads.</summary>
    Valid,

    /// <summary>As many outputs as strides fit into the input, an odd pad at the end.</summary>
    SameUpper,

    /// <summary>As many outputs as strides fit into the input, an odd pad at the begin.</summary>
    SameLower,
}

/// <summary>The names that ONNX gives to the ways of padding.</summary>
internal static class AutoPads
{
    /// <summary>The attribute of a node; ONNX Runtime reads an empty one as NOTSET.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">There is no such way.</exception>
    public static AutoPad Of(Node node) => node.String("auto_pad", "NOTSET") switch
    {
        "NOTSET" or "" => AutoPad.NotSet,
        "VALID" => AutoPad.Valid,
        "SAME_UPPER" => AutoPad.SameUpper,
        "SAME_LOWER" => AutoPad.SameLower,
        var other => throw node.Misfit($"auto_pad={other} is none of NOTSET, VALID, SAME_UPPER, SAME_LOWER"),
    };

    /// <summary>What the attribute says.</summary>
    public static string Name(this AutoPad autoPad) => autoPad switch
    {
        AutoPad.Valid => "VALID",
        AutoPad.SameUpper => "SAME_UPPER",
        AutoPad.SameLower => "SAME_LOWER",
        _ => "NOTSET",
    };
}
