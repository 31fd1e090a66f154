using GraphRewrite.Diagnostics;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Conv;
using GraphRewrite.Kernels.Gram;
using GraphRewrite.Kernels.MaxPool;
using GraphRewrite.Kernels.Solve;

namespace GraphRewrite.Lowering;

/// <summary>THE list: every part that has several formulations, with all of them.</summary>
public static class FormulationTable
{
    internal static Part<ForwardConvolution> Convolution { get; } = new("conv", ConvForward.Formulations) { OnCuda = ["plain"] };

    internal static Part<ConvolutionGradient> InputGradient { get; } = new("dX", ConvInputGradient.Formulations)
    {
        OnCuda = ["transposed", "flipped", "cropped"],
    };

    internal static Part<ConvolutionGradient> WeightGradient { get; } = new("dW", ConvWeightGradient.Formulations) { OnCuda = ["swapped"] };

    internal static Part<MaxPoolGradient> MaxPoolGradient { get; } = new("maxpool", MaxPoolGradForms.Formulations) { OnCuda = ["scatter"] };

    internal static Part<PatchProblem> Patches { get; } = new("patches", PatchForms.Formulations) { OnCuda = ["tiles", "one-hot"] };

    internal static Part<GramProblem> Gram { get; } = new("gram", PatchGramForms.Formulations);

    internal static Part<ProductsProblem> Products { get; } = new("products", PatchProductForms.Formulations);

    internal static Part<SolveProblem> Solve { get; } = new("solve", SolveSpdForms.Formulations);

    internal static IReadOnlyList<Part> All { get; } =
        [Convolution, InputGradient, WeightGradient, MaxPoolGradient, Patches, Gram, Products, Solve];

    /// <summary>Reads "dW=volume,solve=inverse": formulations to take wherever they fit.</summary>
    /// <exception cref="GraphRewriteException">A part or a formulation that does not exist; the message names those that do.</exception>
    public static ForcedFormulations Parse(string text)
    {
        var names = new Dictionary<string, string>();
        foreach (string entry in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] sides = entry.Split('=');
            if (sides.Length != 2 || !All.Any(part => part.Name == sides[0] && part.All.Any(formulation => formulation.Name == sides[1])))
            {
                throw new GraphRewriteException(new Finding($"'{entry}' is not a formulation", $"There are: {string.Join("; ", All.Select(Names))}")
                {
                    Place = new() { Setting = Setting.Forms, Given = text },
                });
            }
            names[sides[0]] = sides[1];
        }
        return new(names);
    }

    private static string Names(Part part) => string.Join(", ", part.All.Select(formulation => $"{part.Name}={formulation.Name}"));
}
