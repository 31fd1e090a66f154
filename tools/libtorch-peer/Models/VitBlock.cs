using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LibtorchPeer.Models;

/// <summary>A transformer block: LayerNorm before attention and before the MLP.</summary>
internal sealed class VitBlock : Module<Tensor, Tensor>
{
    private readonly int heads;
    private readonly LayerNorm beforeAttention, beforeMlp;
    private readonly Linear queriesKeysValues, output;
    private readonly Module<Tensor, Tensor> mlp;

    /// <param name="width">Of a token.</param>
    /// <param name="heads">Of the attention.</param>
    /// <param name="hidden">Units of the MLP.</param>
    public VitBlock(int width, int heads, int hidden)
        : base(nameof(VitBlock))
    {
        this.heads = heads;
        beforeAttention = LayerNorm(width);
        beforeMlp = LayerNorm(width);
        queriesKeysValues = Linear(width, 3 * width);
        output = Linear(width, width);
        mlp = Sequential(Linear(width, hidden), GELU(), Linear(hidden, width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor attended = input + Attention(beforeAttention.forward(input));
        return attended + mlp.forward(beforeMlp.forward(attended));
    }

    private Tensor Attention(Tensor input)
    {
        long examples = input.shape[0], tokens = input.shape[1], width = input.shape[2], headWidth = width / heads;
        Tensor projected = queriesKeysValues.forward(input).reshape(examples, tokens, 3, heads, headWidth).permute(2, 0, 3, 1, 4); // [3, n, h, t, d]
        Tensor queries = projected[0], keys = projected[1], values = projected[2];
        Tensor weights = (queries.matmul(keys.transpose(-2, -1)) * Math.Pow(headWidth, -0.5)).softmax(-1); // [n, h, t, t]
        return output.forward(weights.matmul(values).transpose(1, 2).reshape(examples, tokens, width));
    }
}
