namespace GraphRewrite.Passes.Contracts;

/// <summary>A pass or a pipeline does not keep what it promises: a defect of this library, never of the user's model.</summary>
internal sealed class PassContractException : InvalidOperationException
{
    private PassContractException(string message)
        : base(message)
    {
    }

    /// <summary>A pipeline that is put together wrongly.</summary>
    public static PassContractException NotEnsured(IGraphPass pass, string pipeline, IEnumerable<Condition> missing) =>
        new($"The pass '{pass.Name}' of '{pipeline}' requires {string.Join(", ", missing)}, which neither the caller nor a pass before it ensures.");

    /// <summary>A graph that is not what the pipeline's caller promised.</summary>
    public static PassContractException NotGiven(string pipeline, IReadOnlyList<Violation> violations) =>
        new($"'{pipeline}' is given a graph that does not keep {Text(violations)}");

    /// <summary>A graph after a pass that ensures or keeps what does not hold.</summary>
    public static PassContractException NotKept(IGraphPass pass, string pipeline, IReadOnlyList<Violation> violations) =>
        new($"After the pass '{pass.Name}' of '{pipeline}' the graph does not keep {Text(violations)}");

    private static string Text(IEnumerable<Violation> violations) => string.Join(Environment.NewLine, violations);
}
