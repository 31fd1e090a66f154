using GraphRewrite.Diagnostics;
using GraphRewrite.Kernels.Conv;
using GraphRewrite.Lowering;

namespace GraphRewrite.Kernels;

/// <summary>One of several ways to compute the same numbers.</summary>
internal interface IFormulation
{
    /// <summary>What reports, options and tests call it.</summary>
    string Name { get; }
}

/// <summary>What a node was lowered to.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Part">What is computed: conv, dX, dW, maxpool, patches, gram or solve.</param>
/// <param name="Form">The formulation's name.</param>
public sealed record FormChoice(string Node, string Part, string Form);

/// <summary>Chooses formulations, the cheapest unless another is forced, and keeps a record.</summary>
public sealed class Formulations
{
    /// <summary>THE list: every part, and its formulations.</summary>
    private static readonly (string Part, IEnumerable<IFormulation> Forms)[] All =
    [
        ("conv", ConvForward.Forms),
        ("dX", ConvInputGradient.Forms),
        ("dW", ConvWeightGradient.Forms),
        ("maxpool", MaxPoolGradLowering.Forms),
        ("patches", Gram.PatchForms.Forms),
        ("gram", Gram.PatchGramForms.Forms),
        ("solve", Solve.SolveSpdForms.Forms),
    ];

    private readonly Dictionary<string, string> forced = [];
    private readonly List<FormChoice> chosen = [];

    /// <summary>What was chosen so far.</summary>
    public IReadOnlyList<FormChoice> Chosen => chosen;

    /// <summary>Reads "dW=taps,solve=inverse": formulations to take wherever they fit.</summary>
    /// <exception cref="GraphRewriteException">A part or a formulation that does not exist.</exception>
    public static Formulations Parse(string text)
    {
        var formulations = new Formulations();
        foreach (string entry in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] sides = entry.Split('=');
            if (sides.Length != 2 || !All.Any(part => part.Part == sides[0] && part.Forms.Any(form => form.Name == sides[1])))
                throw new GraphRewriteException($"TRACT_FORMS {text}: '{entry}' is not a formulation. There are: {string.Join("; ", All.Select(part => string.Join(", ", part.Forms.Select(form => $"{part.Part}={form.Name}"))))}.");
            formulations.forced[sides[0]] = sides[1];
        }
        return formulations;
    }

    /// <summary>The forced form if it fits, else the cheapest of those that fit; the first of equals.</summary>
    internal T? Choose<T>(string node, string part, IEnumerable<T> fitting, Func<T, double> cost)
        where T : class, IFormulation
    {
        T[] forms = [.. fitting];
        T? form = forms.FirstOrDefault(form => form.Name == forced.GetValueOrDefault(part)) ?? forms.MinBy(cost);
        if (form is not null) chosen.Add(new(node, part, form.Name));
        return form;
    }
}
