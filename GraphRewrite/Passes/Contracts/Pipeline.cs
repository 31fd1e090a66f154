using GraphRewrite.IR;

namespace GraphRewrite.Passes.Contracts;

/// <summary>
/// Passes in order, itself a pass. Whether each pass's requirements are met by what those before it ensure is checked when the pipeline is made;
/// with <see cref="Verifies"/> the graph is verified after every pass against all that holds by then.
/// </summary>
internal sealed class Pipeline : IGraphPass
{
    /// <summary>The switch of <see cref="AppContext"/> that turns the verification on (all tests do) or off.</summary>
    public const string Switch = "GraphRewrite.VerifyPasses";

    private readonly IReadOnlyList<IGraphPass> passes;

    /// <param name="name">What comes out of it: "forward normal form".</param>
    /// <param name="requires">What the caller promises of the graph.</param>
    /// <param name="passes">The passes, in order.</param>
    /// <exception cref="PassContractException">A pass requires what neither the caller nor a pass before it ensures.</exception>
    public Pipeline(string name, IReadOnlyList<Condition> requires, IReadOnlyList<IGraphPass> passes)
    {
        (Name, Requires, this.passes) = (name, requires, passes);
        HashSet<Condition> holds = [.. requires];
        HashSet<Condition> broken = [];
        foreach (IGraphPass pass in passes)
        {
            Condition[] missing = [.. pass.Requires.Where(condition => !holds.Contains(condition))];
            if (missing.Length > 0) throw PassContractException.NotEnsured(pass, name, missing);
            broken.UnionWith(pass.Breaks);
            Follow(pass, holds);
        }
        Ensures = [.. holds];
        Breaks = [.. broken.Except(holds)];
    }

    public string Name { get; }

    public IReadOnlyList<Condition> Requires { get; }

    public IReadOnlyList<Condition> Ensures { get; }

    public IReadOnlyList<Condition> Breaks { get; }

    /// <summary>By default in Debug builds alone: it takes about as long as the passes.</summary>
    public static bool Verifies
    {
        get
        {
            if (AppContext.TryGetSwitch(Switch, out bool isOn)) return isOn;
#if DEBUG
            return true;
#else
            return false;
#endif
        }
    }

    /// <param name="graph">The graph; changed in place.</param>
    /// <exception cref="PassContractException">With <see cref="Verifies"/>: the caller or a pass did not keep what it promises.</exception>
    public void Apply(Graph graph)
    {
        HashSet<Condition> holds = [.. Requires];
        if (Verifies) GraphVerifier.Verify(graph, holds, failed => PassContractException.NotGiven(Name, failed));
        foreach (IGraphPass pass in passes)
        {
            pass.Apply(graph);
            Follow(pass, holds);
            if (Verifies) GraphVerifier.Verify(graph, holds, failed => PassContractException.NotKept(pass, Name, failed));
        }
    }

    private static void Follow(IGraphPass pass, HashSet<Condition> holds)
    {
        holds.ExceptWith(pass.Breaks);
        holds.UnionWith(pass.Ensures);
    }
}
