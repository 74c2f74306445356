"""The network of LogBERT in PyTorch, as the programs beside ours train and run it: pre-norm, ReLU, learned positions."""

import torch
from torch import nn
from torch.nn import functional as F

PADDING, DISTANCE, MASK, UNKNOWN = 0, 1, 2, 3
# Padding, [DIST] and the mask are never predicted.
UNPREDICTED = 3


def padding_of(tokens):
    """Where there is padding; None where there is none, which is faster."""
    padding = tokens == PADDING
    return padding if padding.any() else None


class Layer(nn.Module):
    """One block with PyTorch's own attention kernel; the last block of a network computes only the wanted rows."""

    def __init__(self, hidden, heads, feed_forward, dropout):
        super().__init__()
        self.heads = heads
        # Ours have no gain and offset either: a linear layer with both follows.
        self.before_attention = nn.LayerNorm(hidden, elementwise_affine=False)
        self.attend = nn.Linear(hidden, 3 * hidden)
        self.merge = nn.Linear(hidden, hidden)
        self.before_feed_forward = nn.LayerNorm(hidden, elementwise_affine=False)
        self.widen = nn.Linear(hidden, feed_forward)
        self.narrow = nn.Linear(feed_forward, hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, state, visible, rows=None):
        batch, length, hidden = state.shape
        joined = self.attend(self.before_attention(state))
        query, key, value = joined.view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=visible)
        mixed = mixed.transpose(1, 2).reshape(batch, length, hidden)
        if rows is not None:
            mixed = mixed.view(-1, hidden).index_select(0, rows)
            state = state.view(-1, hidden).index_select(0, rows)
        middle = state + self.dropout(self.merge(mixed))
        wide = F.relu(self.widen(self.before_feed_forward(middle)))
        return middle + self.dropout(self.narrow(wide))


class Encoder(nn.Module):
    """Tokens to the representation of the wanted rows, and to the logits of their classes."""

    def __init__(self, vocabularySize, hidden, layers, heads, feedForward, maxLength, dropout):
        super().__init__()
        self.tokens = nn.Embedding(vocabularySize, hidden)
        self.positions = nn.Parameter(torch.empty(maxLength, hidden).uniform_(-0.1, 0.1))
        self.layers = nn.ModuleList(
            Layer(hidden, heads, feedForward, dropout) for _ in range(layers)
        )
        self.last_norm = nn.LayerNorm(hidden, elementwise_affine=False)
        self.output = nn.Linear(hidden, vocabularySize - UNPREDICTED)
        self.dropout = nn.Dropout(dropout)

    def represent(self, tokens, rows):
        padding = padding_of(tokens)
        visible = None if padding is None else ~padding[:, None, None, :]
        state = self.dropout(self.tokens(tokens) + self.positions[: tokens.shape[1]])
        for layer in self.layers[:-1]:
            state = layer(state, visible)
        return self.last_norm(self.layers[-1](state, visible, rows))


class FusedEncoder(nn.Module):
    """The same with `nn.TransformerEncoder`, whose layers run as one fused operator each in inference mode."""

    def __init__(self, vocabularySize, hidden, layers, heads, feedForward, maxLength, dropout):
        super().__init__()
        self.tokens = nn.Embedding(vocabularySize, hidden)
        self.positions = nn.Parameter(torch.empty(maxLength, hidden).uniform_(-0.1, 0.1))
        layer = nn.TransformerEncoderLayer(
            hidden, heads, feedForward, dropout, activation="relu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(
            layer, layers, norm=nn.LayerNorm(hidden), enable_nested_tensor=False
        )
        self.output = nn.Linear(hidden, vocabularySize - UNPREDICTED)

    def represent(self, tokens, rows):
        embedded = self.tokens(tokens) + self.positions[: tokens.shape[1]]
        states = self.encoder(embedded, src_key_padding_mask=padding_of(tokens))
        return states.reshape(-1, states.shape[-1]).index_select(0, rows)
