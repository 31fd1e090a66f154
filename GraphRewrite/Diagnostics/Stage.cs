namespace GraphRewrite.Diagnostics;

/// <summary>The part of the work in which something was found.</summary>
public enum Stage
{
    Reading,
    Writing,
    OpsetUpgrade,
    NormalForm,
    ShapeInference,
    Gradients,
    TrAct,
    Lowering,
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
