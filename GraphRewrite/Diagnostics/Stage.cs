namespace GraphRewrite.Diagnostics;

/// <summary>The part of the work in which something was found.</summary>
public enum Stage
{
    /// <summary>A file is read, and what it says is checked against ONNX's rules.</summary>
    Reading,

    /// <summary>A file is written.</summary>
    Writing,

    /// <summary>A graph is brought to the one opset that all rules are written for.</summary>
    OpsetUpgrade,

    /// <summary>A forward graph is prepared for its gradients: branches, sequences and recurrent layers are resolved.</summary>
    NormalForm,

    /// <summary>Types and shapes are computed, and compared with what the file declares.</summary>
    ShapeInference,

    /// <summary>The gradients of a loss are appended to a forward graph.</summary>
    Gradients,

    /// <summary>TrAct is put into the first layer of a training graph.</summary>
    TrAct,

    /// <summary>A training graph becomes one of operators that a stock runtime has.</summary>
    Lowering,

    /// <summary>Two sets of artifacts are compared.</summary>
    Verification,
}

/// <summary>Work that is done under the name of a stage or a file.</summary>
internal static class Stages
{
    /// <summary>Does a piece of work whose refusals belong to a stage, unless a stage within it has named itself.</summary>
    /// <exception cref="GraphRewriteException">The refusal of the work, with the stage.</exception>
    public static T During<T>(this Stage stage, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (GraphRewriteException e) when (e.Finding.Stage is null)
        {
            throw e.During(stage);
        }
    }

    /// <inheritdoc cref="During{T}"/>
    public static void During(this Stage stage, Action work) => stage.During(() =>
    {
        work();
        return true;
    });

    /// <summary>Does a piece of work whose refusals are about a file, unless the work has named another.</summary>
    /// <exception cref="GraphRewriteException">The refusal of the work, with the file.</exception>
    public static T In<T>(string file, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (GraphRewriteException e) when (e.Finding.Place.File is null)
        {
            throw e.In(file);
        }
    }
}
